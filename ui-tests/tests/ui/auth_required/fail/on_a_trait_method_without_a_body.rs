use auth_runtime::auth_required;

trait Profile {
    #[auth_required]
    async fn profile(id: u64);
}

fn main() {}
