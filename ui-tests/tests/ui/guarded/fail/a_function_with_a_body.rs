use auth_runtime::guarded::{Router, post};

async fn create(body: String) -> String {
    body
}

fn main() {
    let _: Router = Router::new().route("/articles", post(create));
}
