use auth_runtime::guarded::MethodRouter;

async fn others() {}

fn main() {
    let _: MethodRouter = MethodRouter::new().fallback(others);
}
