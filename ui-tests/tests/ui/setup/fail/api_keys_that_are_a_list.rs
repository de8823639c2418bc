use auth_runtime::ApiKey;

fn main() {
    drop(ApiKey::new(["key"]));
}
