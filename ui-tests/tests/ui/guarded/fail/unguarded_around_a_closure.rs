use auth_runtime::guarded::{Router, get, unguarded};

fn main() {
    let _: Router = Router::new().route("/", get(unguarded("it says who we are", || async { "imprint" })));
}
