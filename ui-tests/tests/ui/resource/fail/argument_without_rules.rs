use auth_runtime::acl_required;

#[acl_required("edit", id)]
async fn edit(id: u64) {
    let _ = id;
}

fn main() {}
