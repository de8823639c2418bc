use auth_runtime::{UserId, auth_required};
use axum::{Json, Router, routing::post};

#[auth_required]
async fn create(Json(title): Json<String>, user: UserId) -> String {
    format!("{title} by {user}")
}

fn main() {
    let _: Router = Router::new().route("/articles", post(create));
}
