use auth_runtime::auth_required;

#[auth_required]
async fn profile() {}

fn main() {
    drop(profile());
}
