use auth_runtime::permission_required;

#[permission_required(any())]
async fn edit() {}

fn main() {}
