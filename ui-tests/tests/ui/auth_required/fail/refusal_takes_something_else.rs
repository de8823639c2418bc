use auth_runtime::auth_required;

fn teapot(_: u16) -> &'static str {
    "teapot"
}

#[auth_required(refusal = teapot)]
async fn profile() {}

fn main() {}
