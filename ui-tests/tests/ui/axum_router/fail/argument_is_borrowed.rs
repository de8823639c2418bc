use auth_runtime::{UserId, auth_required};
use axum::{Router, routing::get};

#[auth_required]
async fn view(user: &UserId) -> String {
    user.to_string()
}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
