use auth_runtime::{AuthLayer, jwt::BearerJwt};

fn layer(tokens: BearerJwt) -> AuthLayer {
    AuthLayer::new(tokens)
}

fn main() {}
