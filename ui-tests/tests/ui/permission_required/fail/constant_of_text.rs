use auth_runtime::permission_required;

const EDIT: &str = "edit";

#[permission_required(EDIT)]
async fn edit() {}

fn main() {}
