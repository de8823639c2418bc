use auth_runtime::permission_required;

#[permission_required(User("mallory"))]
async fn edit() {}

fn main() {}
