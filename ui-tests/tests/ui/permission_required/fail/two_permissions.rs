use auth_runtime::permission_required;

#[permission_required(Can::Edit, "view")]
async fn edit() {}

fn main() {}
