use auth_runtime::guarded::Router;

async fn not_found() {}

fn main() {
    let _: Router = Router::new().fallback(not_found);
}
