use auth_runtime::scope_required;

#[scope_required("articles:read, articles:write")]
async fn view() {}

fn main() {}
