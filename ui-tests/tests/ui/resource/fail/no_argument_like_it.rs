use auth_runtime::acl_required;

#[acl_required("edit", article)]
async fn edit() {}

fn main() {}
