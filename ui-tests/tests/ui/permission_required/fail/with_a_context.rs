use auth_runtime::permission_required;

#[permission_required("edit", ARTICLES)]
async fn edit() {}

fn main() {}
