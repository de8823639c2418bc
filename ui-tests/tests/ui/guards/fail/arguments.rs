use auth_runtime::{auth_required, guards};

struct Profile;

#[guards("edit")]
impl Profile {
    #[auth_required]
    async fn show() {}
}

fn main() {}
