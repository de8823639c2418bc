use auth_runtime::permission_required;

#[permission_required(Can::Edit, ARTICLES)]
async fn edit() {}

fn main() {}
