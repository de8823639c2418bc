use auth_runtime::permission_required;

#[permission_required("edit", "view")]
async fn edit() {}

fn main() {}
