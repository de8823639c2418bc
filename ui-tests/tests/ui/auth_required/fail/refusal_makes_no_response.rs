use auth_runtime::{Refusal, auth_required};

fn teapot(_: &Refusal) -> u16 {
    418
}

#[auth_required(refusal = teapot)]
async fn profile() {}

fn main() {}
