use auth_runtime::guarded::Router;

async fn serve(listener: tokio::net::TcpListener) {
    let app: Router = Router::new();
    let _ = axum::serve(listener, app);
}

fn main() {}
