use auth_runtime::scope_required;

#[scope_required(anny("a", "b"))]
async fn view() {}

fn main() {}
