use auth_runtime::auth_required;

#[auth_required]
async fn view(name: &str) -> String {
    name.to_owned()
}

fn main() {}
