use auth_runtime::auth_required;

#[auth_required(shadow = ARTICLES_NEXT)]
async fn profile() {}

fn main() {}
