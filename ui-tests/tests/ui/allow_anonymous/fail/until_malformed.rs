use auth_runtime::allow_anonymous;

#[allow_anonymous(reason = "the door is open", until = "31.1.2027")]
async fn login() {}

fn main() {}
