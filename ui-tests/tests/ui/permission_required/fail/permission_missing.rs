use auth_runtime::permission_required;

#[permission_required]
async fn edit() {}

fn main() {}
