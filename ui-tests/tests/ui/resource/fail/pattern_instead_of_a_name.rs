use auth_runtime::acl_required;
use axum::extract::Path;

#[acl_required("edit", id)]
async fn edit(Path(id): Path<u64>) {
    let _ = id;
}

fn main() {}
