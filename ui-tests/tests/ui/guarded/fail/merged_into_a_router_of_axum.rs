use auth_runtime::guarded::Router;

fn main() {
    let articles: Router = Router::new();
    let _: axum::Router = axum::Router::new().merge(articles);
}
