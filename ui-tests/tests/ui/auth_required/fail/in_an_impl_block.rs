use auth_runtime::auth_required;

struct Profile;

impl Profile {
    #[auth_required]
    async fn show() {}
}

fn main() {}
