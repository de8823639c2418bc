use auth_runtime::{AuthLayer, EncryptedCookie};

fn layer(cookie: EncryptedCookie) -> AuthLayer {
    AuthLayer::new(cookie)
}

fn main() {}
