use auth_runtime::scope_required;

#[scope_required("")]
async fn view() {}

fn main() {}
