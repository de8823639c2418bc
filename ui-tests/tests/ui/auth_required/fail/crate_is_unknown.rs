use auth_runtime::auth_required;

#[auth_required(crate = auth_run_time)]
async fn profile() {}

fn main() {}
