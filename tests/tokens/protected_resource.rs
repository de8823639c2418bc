//! Protected resource metadata (RFC 9728): where to get a token, and for which scopes, derived from the
//! guards.

use auth_runtime::{
    Acl, BoxError, Condition, acl, acl_required, allow_anonymous, auth_required, guard,
    guarded::{Router, get},
    identity::{ActiveToken, ClientCertificates, OpaqueToken, SupportedBindings},
    jwt::{Algorithm, BearerJwt, Dpop, MemoryReplayCache},
    scope_required,
};
use serde_json::{Value, json};

use crate::tokens::verifying_key;

#[scope_required("articles:read")]
async fn list() {}

#[scope_required("articles:write", "articles:read")]
async fn write() {}

#[auth_required]
async fn me() {}

#[allow_anonymous(reason = "nothing is here")]
async fn index() {}

#[test]
fn the_scopes_are_those_of_all_guards() {
    let admin = Router::new().guarded_by(guard::scope!("admin")).route("/restart", get(me));
    let routes: Router =
        Router::new().route("/", get(index)).route("/articles", get(list).post(write)).nest("/admin", admin);
    let json =
        routes.access().protected_resource("https://api.example/v1", ["https://issuer.example"]).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&json).unwrap(),
        json!({
            "resource": "https://api.example/v1",
            "authorization_servers": ["https://issuer.example"],
            "scopes_supported": ["admin", "articles:read", "articles:write"],
            "bearer_methods_supported": ["header"],
        })
    );
    // What is empty is left out (RFC 9728, section 3.2).
    let plain: Router = Router::new().route("/", get(index));
    let json = plain.access().protected_resource("https://api.example", []).unwrap();
    assert_eq!(json, r#"{"resource":"https://api.example","bearer_methods_supported":["header"]}"#);
}

#[test]
fn addresses_that_cannot_be_are_refused() {
    let access = Router::<()>::new().access();
    for bad in
        ["", "https://", "http://api.example", "https:///x", "https://api.example/#top", "https://a b", "api"]
    {
        let error = access.protected_resource(bad, []).unwrap_err();
        assert!(error.to_string().contains("https"), "{bad}");
        assert!(access.protected_resource("https://api.example", [bad]).is_err(), "{bad}");
    }
}

const MAY_READ: Condition = Condition::scope("may-read", "articles:read");
const MAY_ADMINISTER: Condition = Condition::scope("may-administer", "admin");
const ARTICLES: Acl = acl![
    (Deny, Authenticated, ["read"], if MAY_ADMINISTER),
    (Allow, Authenticated, ["read"], if MAY_READ),
];

#[acl_required("read", ARTICLES)]
async fn read_by_rules() {}

#[test]
fn conditions_of_rules_name_scopes_as_well() {
    let routes: Router = Router::new().route("/", get(read_by_rules));
    let json = routes.access().protected_resource("https://api.example", []).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["scopes_supported"], json!(["articles:read"]));
}

#[test]
fn the_bindings_are_those_that_the_policy_verifies() {
    let routes: Router = Router::new().route("/", get(me));
    let fields = |bindings: &SupportedBindings| {
        let json = routes.access().protected_resource_with_bindings("https://api.example", [], bindings);
        let json: Value = serde_json::from_str(&json.unwrap()).unwrap();
        [
            "dpop_signing_alg_values_supported",
            "dpop_bound_access_tokens_required",
            "tls_client_certificate_bound_access_tokens",
        ]
        .map(|name| json.get(name).cloned().unwrap_or_default())
    };
    let jwt = || BearerJwt::new(verifying_key());
    let opaque = || OpaqueToken::with_any_audience(async |_: String| Ok::<_, BoxError>(None::<ActiveToken>));
    let dpop = || {
        let dpop = Dpop::new("https://api.example", MemoryReplayCache::new()).unwrap();
        dpop.with_algorithms([Algorithm::ES256, Algorithm::EdDSA]).unwrap()
    };
    let certificates = ClientCertificates::of_server;
    let (algorithms, none, yes) = (json!(["ES256", "EdDSA"]), Value::Null, json!(true));
    for (bindings, expected) in [
        (jwt().supported_bindings(), [&none, &none, &none]),
        // Nothing is verified, so the metadata promises nothing.
        (jwt().with_bound_tokens_only().supported_bindings(), [&none, &none, &none]),
        (jwt().with_dpop(dpop()).supported_bindings(), [&algorithms, &none, &none]),
        (jwt().with_dpop(dpop()).with_bound_tokens_only().supported_bindings(), [&algorithms, &yes, &none]),
        (jwt().with_client_certificates(certificates()).supported_bindings(), [&none, &none, &yes]),
        // A certificate is enough.
        (
            jwt()
                .with_dpop(dpop())
                .with_client_certificates(certificates())
                .with_bound_tokens_only()
                .supported_bindings(),
            [&algorithms, &none, &yes],
        ),
        (
            opaque().with_dpop(dpop()).with_bound_tokens_only().supported_bindings(),
            [&algorithms, &yes, &none],
        ),
        (opaque().with_client_certificates(certificates()).supported_bindings(), [&none, &none, &yes]),
    ] {
        assert_eq!(fields(&bindings).each_ref(), expected, "{bindings:?}");
    }
}
