use auth_runtime::auth_required;

#[axum::debug_handler]
#[auth_required]
async fn profile(name: String) -> String {
    name
}

fn main() {}
