use auth_runtime::{
    AuthLayer, auth_required,
    guarded::{App, Router, get},
};

#[auth_required]
async fn view() {}

fn app(auth: AuthLayer) -> App {
    Router::new().route("/", get(view)).layer(auth)
}

fn main() {
    let _ = app;
}
