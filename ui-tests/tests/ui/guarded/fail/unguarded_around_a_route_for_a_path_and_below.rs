use auth_runtime::guarded::{Router, unguarded};

async fn imprint() -> &'static str {
    "imprint"
}

fn main() {
    let _: Router = Router::new().nest("/imprint", unguarded("it says who we are", axum::routing::get(imprint)));
}
