use auth_runtime::{AuthLayer, KeyRing};

fn main() {
    let _ = AuthLayer::new(KeyRing::random());
}
