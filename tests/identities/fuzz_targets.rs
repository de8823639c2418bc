//! The fuzz targets on stable Rust: their seeds, and 2,000 changes of these for each, the same in each run.
//!
//! Targets that reach into the crates run beside them, as unit tests of `fuzzing`.

#[path = "../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../fuzz/src/lib.rs"]
mod targets;

fn replay(name: &str, check: fn(&[u8]) -> bool) {
    replay::replay(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"), name, check);
}

#[test]
fn authorization_header() {
    replay("authorization_header", targets::authorization_header::check);
}

#[test]
fn client_address() {
    replay("client_address", targets::client_address::check);
}

#[test]
fn cookie_header() {
    replay("cookie_header", targets::cookie_header::check);
}

#[test]
fn discovery() {
    replay("discovery", targets::discovery::check);
}

#[test]
fn encrypted_cookie() {
    replay("encrypted_cookie", targets::encrypted_cookie::check);
}

#[test]
fn interval() {
    replay("interval", targets::interval::check);
}

#[test]
fn jwk_set() {
    replay("jwk_set", targets::jwk_set::check);
}

#[test]
fn jwt() {
    replay("jwt", targets::jwt::check);
}

#[test]
fn legacy_ticket() {
    replay("legacy_ticket", targets::legacy_ticket::check);
}

#[test]
fn local_path() {
    replay("local_path", targets::local_path::check);
}

#[test]
fn names() {
    replay("names", targets::names::check);
}

#[test]
fn site() {
    replay("site", targets::site::check);
}

#[test]
fn ticket() {
    replay("ticket", targets::ticket::check);
}

#[test]
fn token_response() {
    replay("token_response", targets::token_response::check);
}
