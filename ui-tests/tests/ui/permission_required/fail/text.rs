use auth_runtime::permission_required;

#[permission_required(any("edit", "read all", 7))]
async fn edit() {}

fn main() {}
