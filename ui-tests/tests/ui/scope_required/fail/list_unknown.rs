use auth_runtime::scope_required;

#[scope_required(some("a", "b"))]
async fn view() {}

fn main() {}
