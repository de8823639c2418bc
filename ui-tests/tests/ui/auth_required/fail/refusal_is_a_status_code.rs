use auth_runtime::auth_required;

#[auth_required(refusal = axum::http::StatusCode::IM_A_TEAPOT)]
async fn profile() {}

fn main() {}
