use auth_runtime::permission_required;

#[permission_required(al("edit", "view"))]
async fn edit() {}

fn main() {}
