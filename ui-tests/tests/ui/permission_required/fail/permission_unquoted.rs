use auth_runtime::permission_required;

#[permission_required(edit)]
async fn edit() {}

fn main() {}
