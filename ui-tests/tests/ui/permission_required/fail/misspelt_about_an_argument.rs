use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[permission_required(Can::Edt, id)]
async fn edit(id: axum::extract::Path<u64>) {
    let _ = id;
}

fn main() {}
