use auth_runtime::auth_required;

#[auth_required(csrf_form)]
async fn delete() {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::post(delete));
}
