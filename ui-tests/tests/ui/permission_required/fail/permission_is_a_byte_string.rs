use auth_runtime::permission_required;

#[permission_required(b"edit")]
async fn edit() {}

fn main() {}
