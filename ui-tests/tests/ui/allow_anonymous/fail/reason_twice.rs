use auth_runtime::allow_anonymous;

#[allow_anonymous(reason = "the door is open", reason = "so is the window")]
async fn login() {}

fn main() {}
