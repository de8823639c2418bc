use auth_runtime::permission_required;

#[permission_required(Can::Edit("article"))]
async fn edit() {}

fn main() {}
