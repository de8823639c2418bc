use auth_runtime::guarded::{Router, get};

fn main() {
    let _: Router = Router::new().route("/articles", get("all of them"));
}
