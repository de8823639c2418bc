use auth_runtime::auth_required;
#[allow(unused_imports)] // for the right form
use auth_runtime::csrf::CsrfForm;

#[derive(serde::Deserialize)]
struct Transfer {
    amount: u32,
}

#[auth_required(csrf_form)]
async fn transfer(axum::Form(form): axum::Form<Transfer>) -> String {
    form.amount.to_string()
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::post(transfer));
}
