use auth_runtime::{AuthLayer, revocation::RedisRevocation};

fn layer(auth: AuthLayer, revocation: RedisRevocation) -> AuthLayer {
    auth.with_revocation(revocation)
}

fn main() {}
