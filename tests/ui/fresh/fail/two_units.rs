use auth_runtime::permission_required;

#[permission_required("transfer", fresh = "1h30m")]
async fn transfer() {}

fn main() {}
