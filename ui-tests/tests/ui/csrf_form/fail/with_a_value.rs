use auth_runtime::{auth_required, csrf::CsrfForm};

#[auth_required(csrf_form = "csrf_token")]
async fn transfer(CsrfForm(()): CsrfForm<()>) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::post(transfer));
}
