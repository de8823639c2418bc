use auth_runtime::{UserId, auth_required};
use axum::{Router, routing::get};

#[auth_required]
async fn view(user: UserId) -> String {
    user.to_string()
}

#[auth_required]
async fn home(user: UserId) -> String {
    view(user).await
}

fn main() {
    let _: Router = Router::new().route("/", get(home)).route("/view", get(view));
}
