use auth_runtime::guarded::{Router, get};
use axum::extract::Path;

async fn view(Path(id): Path<u64>) -> String {
    format!("article {id}")
}

fn main() {
    let _: Router = Router::new().route("/articles/{id}", get(view));
}
