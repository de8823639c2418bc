use auth_runtime::{
    AuthLayer, allow_anonymous,
    guarded::{App, Router, get},
};

#[allow_anonymous]
async fn view() {}

async fn health() {}

fn app(routes: Router, auth: AuthLayer) -> App {
    routes
        .route("/view", get(view))
        .with_auth(auth)
        .route("/health", axum::routing::get(health))
}

fn main() {}
