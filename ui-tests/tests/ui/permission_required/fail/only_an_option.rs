use auth_runtime::permission_required;

#[permission_required(hide)]
async fn edit() {}

fn main() {}
