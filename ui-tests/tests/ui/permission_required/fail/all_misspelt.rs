use auth_runtime::permission_required;

#[permission_required(al(Can::Edit, Can::View))]
async fn edit() {}

fn main() {}
