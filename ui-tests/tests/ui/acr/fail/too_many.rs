use auth_runtime::auth_required;

#[auth_required(acr = ["1", "2", "3", "4", "5", "6", "7", "8", "9"])]
async fn transfer() {}

fn main() {}
