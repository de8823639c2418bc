use auth_runtime::guarded::{Router, get};

fn main() {
    let _: Router = Router::new().route("/articles", get(|| async { "all of them" }));
}
