use auth_runtime::allow_anonymous;

#[allow_anonymous(reason = "the door is open", until = "2027-02-30")]
async fn login() {}

fn main() {}
