use auth_runtime::scope_required;

#[scope_required(hide, "articles:read")]
async fn view() {}

fn main() {}
