//! Servers that some tests want: Redis and PostgreSQL.
//!
//! A machine without them runs the other tests, and prints what was skipped. Where `REQUIRE_SERVICES` is set, as it is in
//! CI, their absence is a failure.

use std::{env, io::Write as _};

/// Returns the address of a Redis server, such as `redis://127.0.0.1:6379`.
pub(crate) fn redis() -> Option<String> {
    address("REDIS_URL", "Redis")
}

/// Returns the address of a PostgreSQL database, such as `postgres://user@127.0.0.1:5432/name`.
pub(crate) fn postgres() -> Option<String> {
    address("DATABASE_URL", "PostgreSQL")
}

fn address(variable: &str, server: &str) -> Option<String> {
    let found = env::var(variable).ok().filter(|address| !address.is_empty());
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        assert!(
            env::var_os("REQUIRE_SERVICES").is_none(),
            "`{test}` wants {server}: set {variable}, or unset REQUIRE_SERVICES"
        );
        // Not `eprintln!`, which the test harness keeps to itself when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "LEFT OUT: `{test}` wants {server}, and {variable} is not set. Run `. .ci/services.sh start` first to include it."
        );
    }
    found
}
