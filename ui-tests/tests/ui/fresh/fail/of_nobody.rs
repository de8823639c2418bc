use auth_runtime::allow_anonymous;

#[allow_anonymous(fresh = "10m")]
async fn transfer() {}

fn main() {}
