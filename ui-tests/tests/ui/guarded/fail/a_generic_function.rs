use auth_runtime::guarded::{Router, get};
use axum::extract::State;

async fn view<S: Clone + Send + Sync + 'static>(State(_): State<S>) {}

fn main() {
    let _: Router<u64> = Router::new().route("/articles", get(view::<u64>));
}
