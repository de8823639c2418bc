use auth_runtime::guarded::{Router, get};

async fn view() {}

fn main() {
    let _: Router = Router::new().route("/articles", get(view));
}
