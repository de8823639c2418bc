use auth_runtime::{auth_required, guards};

struct Profile;

trait Shown {
    async fn show();
}

#[guards]
impl Shown for Profile {
    #[auth_required]
    async fn show() {}
}

fn main() {}
