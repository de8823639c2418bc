use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[permission_required(Can::Edit, id)]
async fn edit(method: axum::http::Method, id: axum::extract::Path<u64>) {
    let _ = (method, id);
}

fn main() {}
