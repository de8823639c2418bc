use auth_runtime::{auth_required, guarded::{Router, get}};

#[auth_required]
async fn view() {}

fn main() {
    let app: Router = Router::new().route("/", get(view));
    drop(app.into_make_service_with_connect_info::<std::net::SocketAddr>());
}
