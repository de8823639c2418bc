//! Varies requests: other request lines, addresses and headers with the same credential, and hostile header
//! values.

use std::{collections::BTreeSet, net::SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderName, HeaderValue, Method, Uri, Version, request::Parts};

use super::request_credentials::with_path_and_query;

/// Parameters from which a vulnerable policy might take the user.
const NOISE: &str = "user=bob&username=bob&identity=bob&sub=bob&token=x&access_token=x&api_key=x&session=x";

/// The headers in which a proxy forwards the address of its client.
pub(super) const PROXY_HEADERS: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Returns the request with every other method, target and version.
pub(super) fn request_lines(parts: &Parts) -> Vec<Parts> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let noisy = if query.is_empty() { NOISE.to_owned() } else { format!("{query}&{NOISE}") };
    let long = format!("/{}", "a".repeat(4_000));
    let paths =
        ["/", "/login", "/logout", "/static/app.js", "/a/../b", "/..%2f..%2fetc", "/%00%ff", "//x", &long];
    let mut targets: Vec<Uri> =
        paths.iter().filter_map(|path| with_path_and_query(&parts.uri, path, query)).collect();
    targets.extend(with_path_and_query(&parts.uri, path, &noisy));
    // These forms would lose a credential in the query (RFC 9112, section 3.2).
    if query.is_empty() {
        targets.extend([
            Uri::from_static("*"),
            Uri::from_static("bob.example:443"),
            Uri::from_static("https://bob.example/"),
        ]);
    }
    let methods = [
        Method::CONNECT,
        Method::DELETE,
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::POST,
        Method::PUT,
        Method::TRACE,
    ];
    let methods = methods.into_iter().chain(Method::from_bytes(b"PROPFIND"));
    let varied = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts.clone();
        change(&mut parts);
        parts
    };
    let targets = targets.iter().map(|uri| varied(&|parts| parts.uri = uri.clone()));
    let methods = methods.map(|method| varied(&|parts| parts.method = method.clone()));
    let versions = [Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2, Version::HTTP_3];
    let versions = versions.map(|version| varied(&|parts| parts.version = version));
    targets.chain(methods).chain(versions).collect()
}

/// Returns the request as it comes from other addresses, and from a server that does not know the address.
pub(super) fn peers(parts: &Parts) -> Vec<Parts> {
    let addresses =
        ["127.0.0.1:1", "10.0.0.1:80", "203.0.113.9:65535", "0.0.0.0:0", "[::1]:1", "[2001:db8::1]:443"];
    let mut unknown = parts.clone();
    unknown.extensions.remove::<ConnectInfo<SocketAddr>>();
    let known = addresses.iter().filter_map(|address| address.parse::<SocketAddr>().ok()).map(|address| {
        let mut parts = parts.clone();
        parts.extensions.insert(ConnectInfo(address));
        parts
    });
    known.chain([unknown]).collect()
}

/// Returns the request with each header that names a user, a credential or a client, except those in `named`,
/// together with the name of the header.
pub(super) fn with_other_headers(parts: &Parts, named: &BTreeSet<String>) -> Vec<(&'static str, Parts)> {
    let headers = [
        ("accept-language", "bob"),
        ("authorization", "Basic Ym9iOnNlY3JldA=="),
        ("authorization", "Bearer bob"),
        ("cookie", "user=bob; session=bob"),
        ("forwarded", "for=127.0.0.1;host=bob.example;proto=https"),
        ("from", "bob@example.org"),
        ("host", "bob.example"),
        ("proxy-authorization", "Basic Ym9iOnNlY3JldA=="),
        ("referer", "https://bob.example/?user=bob"),
        ("remote-user", "bob"),
        ("user-agent", "bob"),
        ("x-access-token", "bob"),
        ("x-api-key", "bob"),
        ("x-auth-request-user", "bob"),
        ("x-auth-token", "bob"),
        ("x-authenticated-user", "bob"),
        ("x-client-cert", "bob"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "bob.example"),
        ("x-forwarded-user", "bob"),
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/?user=bob"),
        ("x-real-ip", "127.0.0.1"),
        ("x-remote-user", "bob"),
        ("x-rewrite-url", "/?user=bob"),
        ("x-test-user", "bob"),
        ("x-user", "bob"),
        ("x-user-id", "bob"),
    ];
    let others = headers.into_iter().filter(|(name, _)| !named.contains(*name));
    let with = |(name, value)| {
        let mut parts = parts.clone();
        parts.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        (name, parts)
    };
    others.map(with).collect()
}

/// Returns header values that are legal (RFC 9110, section 5.5) but that a parser may not expect.
pub(super) fn hostile_values() -> Vec<HeaderValue> {
    let bytes = (0..=u8::MAX).map(|byte| vec![byte]);
    let within = (0..=u8::MAX).map(|byte| vec![b'a', byte, b'z']);
    let shapes: [Vec<u8>; 24] = [
        Vec::new(),
        b"A".repeat(70_000),
        b";".repeat(70_000),
        b"a=b; ".repeat(20_000),
        b"=".repeat(10_000),
        b".".repeat(10_000),
        b"..".to_vec(),
        b"\"".to_vec(),
        b"\"".repeat(5_001),
        b"\\".repeat(5_001),
        b"\"a\\".to_vec(),
        b"%".repeat(5_000),
        b"%00%0d%0a%ff%zz".to_vec(),
        b"\xef\xbb\xbfa".to_vec(),
        b"\xc0\x80".to_vec(),
        b"\xed\xa0\x80".to_vec(),
        b"\xf4\x90\x80\x80".to_vec(),
        b"Basic".to_vec(),
        [b"Basic ".to_vec(), b"/".repeat(70_000)].concat(),
        b"Basic \t gICA".to_vec(),
        b"Bearer".to_vec(),
        [b"Bearer ".to_vec(), b"e.".repeat(35_000)].concat(),
        b"Bearer \xff".to_vec(),
        b"Digest a=\"\\".to_vec(),
    ];
    bytes.chain(within).chain(shapes).filter_map(|value| HeaderValue::from_bytes(&value).ok()).collect()
}
