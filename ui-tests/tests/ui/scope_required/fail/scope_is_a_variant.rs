use auth_runtime::scope_required;

#[scope_required(Can::Read)]
async fn view() {}

fn main() {}
