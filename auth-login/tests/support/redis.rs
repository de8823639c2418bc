//! Redis for tests: a client of the server that `REDIS_URL` names.

use std::env;

use fred::prelude::{Builder, Client, ClientLike as _};

/// Returns a connected client. Without a server, what needs it is left out, which is an error where
/// `REQUIRE_SERVICES` is set.
pub(crate) async fn client() -> Option<Client> {
    let config = auth_runtime::redis_config(&address()?).unwrap();
    let client = Builder::from_config(config).build().unwrap();
    client.init().await.unwrap();
    Some(client)
}

pub(crate) fn address() -> Option<String> {
    let address = env::var("REDIS_URL").ok();
    if address.is_none() {
        assert!(env::var_os("REQUIRE_SERVICES").is_none(), "set REDIS_URL, or unset REQUIRE_SERVICES");
        eprintln!("Redis is left out: REDIS_URL is not set");
    }
    address
}

/// Returns a prefix for keys that no other test has.
pub(crate) fn prefix() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    format!("login_{:016x}", u64::from_be_bytes(random))
}
