use auth_runtime::{auth_required, guard::AuthRequired};

#[auth_required]
async fn profile() {}

fn main() {
    drop(profile(AuthRequired::<()>::default()));
}
