use auth_runtime::guarded::Router;

async fn wrong_method() {}

fn main() {
    let _: Router = Router::new().method_not_allowed_fallback(wrong_method);
}
