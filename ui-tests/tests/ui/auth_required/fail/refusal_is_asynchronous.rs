use auth_runtime::{Refusal, auth_required};

async fn refused(_: &Refusal) -> &'static str {
    "not for you"
}

#[auth_required(refusal = refused)]
async fn profile() {}

fn main() {}
