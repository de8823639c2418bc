use auth_runtime::scope_required;

#[scope_required("größe")]
async fn view() {}

fn main() {}
