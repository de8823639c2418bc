use auth_runtime::scope_required;

#[scope_required("articles:read", hid)]
async fn view() {}

fn main() {}
