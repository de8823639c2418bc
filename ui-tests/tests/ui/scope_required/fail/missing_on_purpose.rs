use auth_runtime::scope_required;

#[scope_required("a", not("b"))]
async fn view() {}

fn main() {}
