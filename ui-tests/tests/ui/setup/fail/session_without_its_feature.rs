use auth_runtime::{AuthLayer, SessionIdentity};

fn main() {
    let _ = AuthLayer::new(SessionIdentity::in_memory());
}
