use auth_runtime::acl_required;

#[acl_required(view)]
async fn handler() {}

fn main() {}
