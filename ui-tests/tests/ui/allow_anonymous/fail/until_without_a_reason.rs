use auth_runtime::allow_anonymous;

#[allow_anonymous(until = "2027-01-31")]
async fn login() {}

fn main() {}
