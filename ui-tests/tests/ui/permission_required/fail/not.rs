use auth_runtime::permission_required;

#[permission_required(not(Can::Edit))]
async fn edit() {}

fn main() {}
