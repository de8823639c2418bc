use auth_runtime::allow_anonymous;

#[allow_anonymous(reson = "the door is open")]
async fn login() {}

fn main() {}
