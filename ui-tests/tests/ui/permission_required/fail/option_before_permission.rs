use auth_runtime::permission_required;

#[permission_required(hide, Can::Edit)]
async fn edit() {}

fn main() {}
