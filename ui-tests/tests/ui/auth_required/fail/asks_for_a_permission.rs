use auth_runtime::auth_required;

#[auth_required("edit")]
async fn profile() {}

fn main() {}
