use auth_runtime::{Permission, permission_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[permission_required(Can::Edit, article)]
async fn edit(artcle: axum::extract::Path<u64>) {
    let _ = artcle;
}

fn main() {}
