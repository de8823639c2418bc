use auth_runtime::{auth_required, csrf::CsrfForm};
use axum::response::Response;

#[derive(serde::Deserialize)]
struct Transfer {}

#[auth_required(csrf_form)]
async fn transfer(form: Result<CsrfForm<Transfer>, Response>) -> String {
    form.is_ok().to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::post(transfer));
}
