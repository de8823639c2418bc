use auth_runtime::guarded::App;

fn with_health(app: App) -> axum::Router {
    let health = axum::Router::new().route("/health", axum::routing::get(async || "up"));
    health.merge(app)
}

fn main() {}
