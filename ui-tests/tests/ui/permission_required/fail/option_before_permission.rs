use auth_runtime::permission_required;

#[permission_required(hide, "edit")]
async fn edit() {}

fn main() {}
