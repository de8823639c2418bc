use auth_runtime::guard;

fn main() {
    let _: axum::Router = axum::Router::new().route_layer(guard::auth!(csrf_form));
}
