use auth_runtime::guarded::Router;

fn main() {
    let articles: axum::Router = axum::Router::new();
    let _: Router = Router::new().nest("/articles", articles);
}
