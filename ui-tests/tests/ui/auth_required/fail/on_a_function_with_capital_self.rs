use auth_runtime::auth_required;

struct Profile;

impl Profile {
    #[auth_required]
    async fn show() -> Option<Self> {
        None
    }
}

fn main() {}
