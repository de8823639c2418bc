//! Tokens that are bound to a key: a request proves possession of it in the header `DPoP` (RFC 9449).

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    AuthLayer, BoxError, FirstOf, Identity, Key, KeyRing, TicketCookie, UserId, async_trait, auth_required,
    identity::{ActiveToken, ClientCertificate, ClientCertificates, Confirmation, OpaqueToken},
    jwt::{
        Algorithm, BearerJwt, CookieToken, Dpop, JwtConfigErrorKind, MemoryReplayCache, ReplayCache,
        SigningKey, TokenUse,
    },
    testing::FrozenClock,
};
use axum::{
    Router,
    http::{Request, StatusCode},
    routing::any,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    support::{Answer, ask},
    tokens::{AUDIENCE, ISSUER, NOON, encode, sign_with, verifying_key, with, with_claims},
};

mod foreign_client;

const BASE: &str = "https://api.shop.example";
const HTU: &str = "https://api.shop.example/me";

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

/// A client with a key.
struct Client {
    key: SigningKey,
    jwk: Value,
}

impl Client {
    fn new(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).unwrap();
        let mut jwk: Value = serde_json::from_str(&key.verifying_key().to_jwk().unwrap()).unwrap();
        for name in ["alg", "use"] {
            jwk.as_object_mut().unwrap().remove(name);
        }
        Self { key, jwk }
    }

    fn thumbprint(&self) -> String {
        self.key.verifying_key().thumbprint().unwrap()
    }

    /// An access token that is bound to the client's key.
    fn token(&self) -> String {
        with_claims(&json!({ "cnf": { "jkt": self.thumbprint() } }))
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": self.key.algorithm().as_str(), "jwk": self.jwk })
    }

    /// A proof for `GET /me` at noon.
    fn proof(&self, token: &str) -> String {
        self.proof_with(token, &json!({}), &json!({}))
    }

    /// A proof with other members of its header and other claims; `null` takes one away.
    fn proof_with(&self, token: &str, header: &Value, claims: &Value) -> String {
        sign_with(&self.key, with(self.header(), header), with(proof_claims(token), claims))
    }
}

/// Each has an id of its own.
fn proof_claims(token: &str) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = format!("proof-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    json!({ "jti": id, "htm": "GET", "htu": HTU, "iat": NOON, "ath": encode(Sha256::digest(token)) })
}

fn plain() -> BearerJwt {
    BearerJwt::new(verifying_key()).with_issuer(ISSUER).with_audience(AUDIENCE)
}

fn dpop() -> Dpop {
    Dpop::new(BASE, MemoryReplayCache::new()).unwrap()
}

fn app(policy: BearerJwt) -> Router {
    let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
    let nested = Router::new().route("/me", any(me));
    Router::new().route("/me", any(me)).route("/{*rest}", any(me)).nest("/v1", nested).layer(layer)
}

/// Requests `/me`.
async fn get(app: &Router, authorization: &str, proofs: &[&str]) -> Answer {
    get_at(app, "/me", authorization, proofs).await
}

async fn get_at(app: &Router, path: &str, authorization: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::get(path).header("authorization", authorization);
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    ask(app, request).await
}

#[tokio::test]
async fn a_proof_by_the_key_of_the_token_is_accepted_with_each_algorithm() {
    let app = app(plain().with_dpop(dpop().with_algorithms(ASYMMETRIC).unwrap()));
    for algorithm in ASYMMETRIC {
        let client = Client::new(algorithm);
        let token = client.token();
        for scheme in ["DPoP", "dpop"] {
            let answer = get(&app, &format!("{scheme} {token}"), &[&client.proof(&token)]).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"), "{algorithm}");
        }
    }
}

const ASYMMETRIC: [Algorithm; 5] =
    [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::PS256, Algorithm::RS256];

#[tokio::test]
async fn forms_of_a_good_proof_that_other_clients_write_are_accepted() {
    let (app, client) = (app(plain().with_dpop(dpop())), Client::new(Algorithm::ES256));
    let token = client.token();
    let own_alg = with(client.jwk.clone(), &json!({ "alg": "ES256", "use": "sig", "kid": "k", "ext": true }));
    for (header, claims) in [
        (json!({ "typ": "application/dpop+jwt" }), json!({})),
        (json!({ "typ": "DPoP+JWT", "kid": "some name" }), json!({})),
        (json!({ "jwk": own_alg }), json!({})),
        (json!({}), json!({ "htu": "HTTPS://API.Shop.Example:443/me?page=2#top" })),
        (json!({}), json!({ "htu": "https://api.shop.example/x/../%6de" })),
        (json!({}), json!({ "iat": NOON - 60 })),
        (json!({}), json!({ "iat": NOON + 30 })),
        (json!({}), json!({ "nonce": "of another server", "exp": NOON + 10, "sub": "mallory" })),
        (json!({}), json!({ "jti": "x".repeat(256) })),
    ] {
        let proof = client.proof_with(&token, &header, &claims);
        let answer = get_at(&app, "/me?page=1", &format!("DPoP {token}"), &[&proof]).await;
        assert_eq!(answer.status, StatusCode::OK, "{header} {claims}");
    }
}

/// Everything else about each proof is right, so that what is named is the reason.
#[tokio::test]
async fn any_other_proof_is_rejected() {
    let (app, client) = (app(plain().with_dpop(dpop())), Client::new(Algorithm::ES256));
    let (token, other) = (client.token(), Client::new(Algorithm::ES256));
    let rsa = Client::new(Algorithm::RS256);
    let private = with(client.jwk.clone(), &json!({ "d": encode([1; 32]) }));
    let swapped = with(client.jwk.clone(), &json!({ "x": client.jwk["y"], "y": client.jwk["x"] }));
    let header = |changes: Value| client.proof_with(&token, &changes, &json!({}));
    let claims = |changes: Value| client.proof_with(&token, &json!({}), &changes);
    let good = client.proof(&token);
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let hmac = SigningKey::hs256([7; 32]).unwrap();
    let repeated = encode(format!("{{\"htm\":\"POST\",{}", &proof_claims(&token).to_string()[1..]));
    let bad: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("no token", "proof".to_owned()),
        ("two in one header", format!("{good}, {good}")),
        ("without a signature", format!("{head}.{body}.")),
        ("of five parts", format!("{good}.AA.AA")),
        ("with padding", format!("{good}=")),
        ("another signature", format!("{head}.{body}.{}", encode([1; 64]))),
        (
            "other claims than were signed",
            format!("{head}.{}.{signature}", encode(proof_claims(&token).to_string())),
        ),
        ("too long", client.proof_with(&token, &json!({ "x": "x".repeat(8000) }), &json!({}))),
        ("an access token", token.clone()),
        // the header
        ("no type", header(json!({ "typ": null }))),
        ("the type of access tokens", header(json!({ "typ": "at+jwt" }))),
        ("the type JWT", header(json!({ "typ": "JWT" }))),
        ("no algorithm", header(json!({ "alg": null }))),
        ("the algorithm none", header(json!({ "alg": "none" }))),
        ("another algorithm than the key's", header(json!({ "alg": "ES384" }))),
        ("an algorithm that is not accepted", rsa.proof(&token)),
        ("a secret in place of a key", {
            let jwk = json!({ "kty": "oct", "k": encode([7; 32]), "alg": "HS256" });
            let header = json!({ "typ": "dpop+jwt", "alg": "HS256", "jwk": jwk });
            sign_with(&hmac, header, proof_claims(&token))
        }),
        ("no key", header(json!({ "jwk": null }))),
        ("a key by name", header(json!({ "jwk": null, "kid": "k1" }))),
        ("a key that is text", header(json!({ "jwk": client.jwk.to_string() }))),
        ("a private key", header(json!({ "jwk": private }))),
        ("a key off its curve", header(json!({ "jwk": swapped }))),
        (
            "a key for encryption",
            header(json!({ "jwk": with(client.jwk.clone(), &json!({ "use": "enc" })) })),
        ),
        (
            "a key for another algorithm",
            header(json!({ "jwk": with(client.jwk.clone(), &json!({ "alg": "ES384" })) })),
        ),
        ("a critical extension", header(json!({ "crit": ["x"], "x": 1 }))),
        ("the address of keys", header(json!({ "jku": "https://evil.example/keys" }))),
        ("a certificate", header(json!({ "x5c": ["MIIB"] }))),
        ("an unencoded payload", header(json!({ "b64": false }))),
        // whose it is
        ("another client's, for this token", other.proof(&token)),
        ("another client's key, signed by the own", header(json!({ "jwk": other.jwk }))),
        // the claims
        ("claims twice", {
            let input = format!("{}.{repeated}", encode(client.header().to_string()));
            format!("{input}.{}", encode(client.key.sign(input.as_bytes()).unwrap()))
        }),
        ("no method", claims(json!({ "htm": null }))),
        ("another method", claims(json!({ "htm": "POST" }))),
        ("the method in lower case", claims(json!({ "htm": "get" }))),
        ("no address", claims(json!({ "htu": null }))),
        ("another path", claims(json!({ "htu": "https://api.shop.example/you" }))),
        ("the path with a slash", claims(json!({ "htu": "https://api.shop.example/me/" }))),
        ("the path in upper case", claims(json!({ "htu": "https://api.shop.example/ME" }))),
        ("another host", claims(json!({ "htu": "https://evil.example/me" }))),
        ("another port", claims(json!({ "htu": "https://api.shop.example:8443/me" }))),
        ("another scheme", claims(json!({ "htu": "http://api.shop.example/me" }))),
        ("a user in the address", claims(json!({ "htu": "https://x@api.shop.example/me" }))),
        ("a path alone", claims(json!({ "htu": "/me" }))),
        ("no hash of the token", claims(json!({ "ath": null }))),
        ("the hash of another token", claims(json!({ "ath": encode(Sha256::digest("x")) }))),
        ("the token itself", claims(json!({ "ath": token }))),
        ("no time", claims(json!({ "iat": null }))),
        ("time as text", claims(json!({ "iat": NOON.to_string() }))),
        ("a fraction of a second", claims(json!({ "iat": 1_700_000_000.5 }))),
        ("too old", claims(json!({ "iat": NOON - 61 }))),
        ("from the future", claims(json!({ "iat": NOON + 31 }))),
        ("no id", claims(json!({ "jti": null }))),
        ("an empty id", claims(json!({ "jti": "" }))),
        ("an id that is a number", claims(json!({ "jti": 7 }))),
        ("a long id", claims(json!({ "jti": "x".repeat(257) }))),
        ("a nonce that is a number", claims(json!({ "nonce": 7 }))),
    ];
    assert!(bad.len() >= 50);
    let mut bodies = Vec::new();
    for (why, proof) in &bad {
        let answer = get(&app, &format!("DPoP {token}"), &[proof]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}");
        assert_eq!(answer.header("www-authenticate"), INVALID_PROOF, "{why}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "the client learns no reason");
    for proofs in [&[][..], &[&good[..], &good[..]][..], &[&good[..], ""][..]] {
        let answer = get(&app, &format!("DPoP {token}"), proofs).await;
        assert_eq!(answer.header("www-authenticate"), INVALID_PROOF, "{} headers", proofs.len());
    }
    // None of the attempts has used it up.
    assert_eq!(get(&app, &format!("DPoP {token}"), &[&good]).await.status, StatusCode::OK);
}

const INVALID_PROOF: &str = "Bearer realm=\"restricted\", \
    DPoP realm=\"restricted\", error=\"invalid_dpop_proof\", algs=\"ES256 ES384 EdDSA PS256\"";
const INVALID_TOKEN: &str = "Bearer realm=\"restricted\", error=\"invalid_token\", \
    DPoP realm=\"restricted\", error=\"invalid_token\", algs=\"ES256 ES384 EdDSA PS256\"";

#[tokio::test]
async fn a_downgrade_is_rejected() {
    let (client, bearer) = (Client::new(Algorithm::ES256), with_claims(&json!({})));
    let token = client.token();
    let app = app(plain().with_dpop(dpop()));
    for (why, authorization, proof) in [
        ("a bound token as bearer token", format!("Bearer {token}"), client.proof(&token)),
        ("a bearer token with a proof", format!("DPoP {bearer}"), client.proof(&bearer)),
    ] {
        let answer = get(&app, &authorization, &[&proof]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}");
        assert_eq!(answer.header("www-authenticate"), INVALID_TOKEN, "{why}");
    }
    assert_eq!(get(&app, &format!("Bearer {bearer}"), &[]).await.status, StatusCode::OK);
    assert_eq!(get(&app, &format!("Bearer {bearer}"), &["nonsense"]).await.status, StatusCode::OK);
    let two = Request::get("/me")
        .header("authorization", format!("DPoP {token}"))
        .header("authorization", format!("Bearer {bearer}"))
        .header("dpop", client.proof(&token));
    assert_eq!(ask(&app, two).await.status, StatusCode::UNAUTHORIZED, "two tokens");
}

#[tokio::test]
async fn a_binding_that_is_not_verified_here_is_rejected() {
    let client = Client::new(Algorithm::ES256);
    let with_proofs = || plain().with_dpop(dpop());
    let jkt = client.thumbprint();
    for (why, policy, cnf) in [
        ("no verifier", plain(), json!({ "jkt": jkt })),
        (
            "a certificate",
            with_proofs(),
            json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }),
        ),
        ("a key and a certificate", with_proofs(), json!({ "jkt": jkt, "x5t#S256": "x" })),
        ("a key that is named", with_proofs(), json!({ "kid": "k1" })),
        ("a key and one that is named", with_proofs(), json!({ "jkt": jkt, "kid": "k1" })),
        ("a key in full", with_proofs(), json!({ "jwk": client.jwk })),
        ("a thumbprint that is a number", with_proofs(), json!({ "jkt": 7 })),
        ("no thumbprint", with_proofs(), json!({ "jkt": null })),
        (
            "another thumbprint",
            with_proofs(),
            json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        ),
        ("nothing", with_proofs(), json!({})),
        ("text", with_proofs(), json!(jkt)),
        ("a list", with_proofs(), json!([jkt])),
        ("null", with_proofs(), Value::Null),
    ] {
        let mut claims = crate::tokens::claims();
        claims["cnf"] = cnf;
        let token = crate::tokens::sign(crate::tokens::header(), claims);
        let app = app(policy);
        for authorization in [format!("DPoP {token}"), format!("Bearer {token}")] {
            let answer = get(&app, &authorization, &[&client.proof(&token)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}");
        }
    }
}

#[tokio::test]
async fn bound_tokens_can_be_demanded() {
    let client = Client::new(Algorithm::ES256);
    let (token, bearer) = (client.token(), with_claims(&json!({})));
    let only = app(plain().with_dpop(dpop()).with_bound_tokens_only());
    let answer = get(&only, &format!("Bearer {bearer}"), &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = "DPoP realm=\"restricted\", error=\"invalid_token\", algs=\"ES256 ES384 EdDSA PS256\"";
    assert_eq!(answer.header("www-authenticate"), challenge, "a bearer token would not help");
    assert_eq!(get(&only, &format!("DPoP {token}"), &[&client.proof(&token)]).await.status, StatusCode::OK);
    let both = plain()
        .with_dpop(dpop())
        .with_client_certificates(ClientCertificates::of_server())
        .with_bound_tokens_only();
    let answer = ask(&app(both), Request::get("/me")).await;
    let challenge =
        "Bearer realm=\"restricted\", DPoP realm=\"restricted\", algs=\"ES256 ES384 EdDSA PS256\"";
    assert_eq!(answer.header("www-authenticate"), challenge, "tokens of certificates are sent as `Bearer`");
    let none = app(plain().with_bound_tokens_only());
    assert_eq!(get(&none, &format!("Bearer {bearer}"), &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_proof_is_accepted_once_by_all_instances_with_one_cache() {
    let (client, cache) = (Client::new(Algorithm::ES256), MemoryReplayCache::new());
    let instance = || app(plain().with_dpop(Dpop::new(BASE, cache.clone()).unwrap()));
    let (one, other, token) = (instance(), instance(), client.token());
    let proof = client.proof(&token);
    let authorization = format!("DPoP {token}");
    assert_eq!(get(&one, &authorization, &[&proof]).await.status, StatusCode::OK);
    for app in [&one, &other] {
        let answer = get(app, &authorization, &[&proof]).await;
        assert_eq!(answer.header("www-authenticate"), INVALID_PROOF);
    }
    // The same id, signed anew, is used as well; that of another key is not.
    let same = client.proof_with(&token, &json!({}), &json!({ "jti": "one", "iat": NOON - 1 }));
    let again = client.proof_with(&token, &json!({}), &json!({ "jti": "one" }));
    assert_eq!(get(&one, &authorization, &[&same]).await.status, StatusCode::OK);
    assert_eq!(get(&other, &authorization, &[&again]).await.status, StatusCode::UNAUTHORIZED);
    let stranger = Client::new(Algorithm::EdDSA);
    let token = stranger.token();
    let theirs = stranger.proof_with(&token, &json!({}), &json!({ "jti": "one" }));
    assert_eq!(get(&one, &format!("DPoP {token}"), &[&theirs]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_many_requests_at_once_with_one_proof_one_is_accepted() {
    let (app, client) = (app(plain().with_dpop(dpop())), Client::new(Algorithm::ES256));
    let token = client.token();
    let (proof, authorization) = (client.proof(&token), format!("DPoP {token}"));
    let requests = (0..50).map(|_| {
        let (app, proof, authorization) = (app.clone(), proof.clone(), authorization.clone());
        tokio::spawn(async move { get(&app, &authorization, &[&proof]).await.status })
    });
    let mut accepted = 0;
    for request in futures_util::future::join_all(requests).await {
        accepted += usize::from(request.unwrap() == StatusCode::OK);
    }
    assert_eq!(accepted, 1);
}

/// Keeps no record, and fails.
struct Down;

#[async_trait]
impl ReplayCache for Down {
    async fn use_once(&self, _: &TokenUse) -> Result<bool, BoxError> {
        Err("the cache is down".into())
    }

    async fn is_used(&self, _: &TokenUse) -> Result<bool, BoxError> {
        Err("the cache is down".into())
    }
}

#[tokio::test]
async fn without_the_replay_cache_no_proof_is_accepted() {
    let app = app(plain().with_dpop(Dpop::new(BASE, Down).unwrap()));
    let client = Client::new(Algorithm::ES256);
    let token = client.token();
    let answer = get(&app, &format!("DPoP {token}"), &[&client.proof(&token)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_cache_keeps_a_proof_for_as_long_as_it_would_be_accepted() {
    #[derive(Clone, Default)]
    struct Keeps(Arc<std::sync::Mutex<Vec<TokenUse>>>);

    #[async_trait]
    impl ReplayCache for Keeps {
        async fn use_once(&self, used: &TokenUse) -> Result<bool, BoxError> {
            self.0.lock().unwrap().push(*used);
            Ok(true)
        }

        async fn is_used(&self, _: &TokenUse) -> Result<bool, BoxError> {
            Ok(false)
        }
    }

    let kept = Keeps::default();
    let proofs = Dpop::new(BASE, kept.clone()).unwrap().with_max_age(Duration::from_mins(2)).unwrap();
    let (app, client) = (app(plain().with_dpop(proofs)), Client::new(Algorithm::ES256));
    let token = client.token();
    let proof = client.proof_with(&token, &json!({}), &json!({ "iat": NOON + 30 }));
    assert_eq!(get(&app, &format!("DPoP {token}"), &[&proof]).await.status, StatusCode::OK);
    let until = kept.0.lock().unwrap()[0].until().as_secs();
    assert!(until > NOON + 30 + 120, "{until}");
}

#[tokio::test]
async fn the_address_is_the_configured_one_and_the_path_that_the_client_requested() {
    let client = Client::new(Algorithm::ES256);
    let token = client.token();
    let authorization = format!("DPoP {token}");
    let behind =
        app(plain().with_dpop(Dpop::new("https://shop.example/api/", MemoryReplayCache::new()).unwrap()));
    let here = app(plain().with_dpop(dpop()));
    for (app, path, htu, expected) in [
        (&here, "/v1/me", "https://api.shop.example/v1/me", 200),
        (&here, "/v1/me", HTU, 401),
        (&here, "/%6De", HTU, 200),
        (&behind, "/me", "https://shop.example/api/me", 200),
        (&behind, "/me", "https://shop.example/me", 401),
        // The router does not resolve the segments, so this is another address than `/me`.
        (&here, "/admin/../me", HTU, 401),
        (&here, "/admin/%2e%2E/me", HTU, 401),
        (&here, "/admin/../me", "https://api.shop.example/admin/../me", 401),
    ] {
        let proof = client.proof_with(&token, &json!({}), &json!({ "htu": htu }));
        let request = Request::get(path)
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("authorization", &authorization)
            .header("dpop", proof);
        assert_eq!(ask(app, request).await.status, expected, "{path} {htu}");
    }
    let proof = client.proof_with(&token, &json!({}), &json!({ "htu": "https://evil.example/me" }));
    let request = Request::get("/me").header("host", "evil.example").header("dpop", proof);
    let answer = ask(&here, request.header("authorization", &authorization)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "`Host` does not count");
}

#[tokio::test]
async fn a_nonce_of_this_server_can_be_demanded() {
    let clock = FrozenClock::at(NOON);
    let ring = || KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap());
    let instance = |ring: KeyRing| {
        let policy = plain().with_dpop(dpop().with_nonce(ring)).allow_missing_expiry();
        let layer = AuthLayer::new(policy).with_clock(clock.clone());
        Router::new().route("/me", any(me)).layer(layer)
    };
    let (one, other, stranger) = (instance(ring()), instance(ring()), instance(KeyRing::random()));
    let client = Client::new(Algorithm::ES256);
    let token = with_claims(&json!({ "cnf": { "jkt": client.thumbprint() }, "exp": null }));
    let authorization = format!("DPoP {token}");
    let now = AtomicU64::new(NOON);
    let status = async |app: &Router, nonce: Value| {
        let claims = json!({ "nonce": nonce, "iat": now.load(Ordering::Relaxed) });
        get(app, &authorization, &[&client.proof_with(&token, &json!({}), &claims)]).await
    };
    let answer = status(&one, Value::Null).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = INVALID_PROOF.replace("invalid_dpop_proof", "use_dpop_nonce");
    assert_eq!(answer.header("www-authenticate"), challenge);
    let nonce = answer.header("dpop-nonce");
    assert!(!nonce.is_empty());
    for app in [&one, &other] {
        assert_eq!(status(app, json!(nonce)).await.status, StatusCode::OK);
    }
    let later = nonce.replacen(&NOON.to_string(), &(NOON + 1).to_string(), 1);
    for (why, app, nonce) in [
        ("another server's", &stranger, nonce.clone()),
        ("another time", &one, later),
        ("another signature", &one, format!("{nonce}A")),
        ("a part", &one, nonce.split('.').next().unwrap().to_owned()),
        ("empty", &one, String::new()),
    ] {
        let answer = status(app, json!(nonce)).await;
        assert_eq!(answer.header("www-authenticate"), challenge, "{why}");
        assert!(!answer.header("dpop-nonce").is_empty(), "{why}");
    }
    // A nonce that will end soon is replaced by a response that accepts it (section 8.2).
    clock.advance(Duration::from_secs(150));
    now.store(NOON + 150, Ordering::Relaxed);
    assert_eq!(status(&one, json!(nonce)).await.header("dpop-nonce"), "");
    clock.advance(Duration::from_secs(150));
    now.store(NOON + 300, Ordering::Relaxed);
    let accepted = status(&one, json!(nonce)).await;
    assert_eq!(accepted.status, StatusCode::OK);
    let next = accepted.header("dpop-nonce");
    assert!(!next.is_empty() && next != nonce, "{next}");
    assert_eq!(status(&other, json!(next)).await.header("dpop-nonce"), "", "it is new");
    clock.advance(Duration::from_secs(1));
    now.store(NOON + 301, Ordering::Relaxed);
    let answer = status(&one, json!(nonce)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&one, json!(answer.header("dpop-nonce"))).await.status, StatusCode::OK);
    // A wrong proof is not asked for a nonce: the client could not know what is wrong.
    let proof = client.proof_with(&token, &json!({}), &json!({ "htm": "POST" }));
    assert_eq!(get(&one, &authorization, &[&proof]).await.header("www-authenticate"), INVALID_PROOF);
}

/// RFC 9449, sections 4.1, 6.1 and 7.1.
#[tokio::test]
async fn the_example_of_the_rfc_is_accepted() {
    const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    const PROOF: &str = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpD",
        "a0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6",
        "IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxl",
        "Lm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1",
        "OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpL",
        "jA",
    );
    let introspect = |token: String| async move {
        let confirmation = Confirmation::of_key("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        let active = ActiveToken::new(Identity::new("alice")?).with_confirmation(confirmation);
        Ok::<_, BoxError>((token == TOKEN).then_some(active))
    };
    let proofs = Dpop::new("https://resource.example.org", MemoryReplayCache::new()).unwrap();
    let clock = FrozenClock::at(1_562_262_618);
    let policy = OpaqueToken::with_any_audience(introspect).with_dpop(proofs).with_clock(clock.clone());
    let layer = AuthLayer::new(policy).with_clock(clock);
    let app = Router::new().route("/protectedresource", any(me)).layer(layer);
    let answer = get_at(&app, "/protectedresource", &format!("DPoP {TOKEN}"), &[PROOF]).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "alice"));
    let answer = get_at(&app, "/protectedresource", &format!("DPoP {TOKEN}"), &[PROOF]).await;
    assert_eq!(answer.header("www-authenticate"), INVALID_PROOF, "used");
}

#[tokio::test]
async fn introspected_tokens_are_bound_alike() {
    let client = Client::new(Algorithm::EdDSA);
    let thumbprint = client.thumbprint();
    let policy = || {
        let thumbprint = thumbprint.clone();
        let introspect = move |token: String| {
            let active = ActiveToken::new(Identity::new("alice").unwrap());
            let bound = active.clone().with_confirmation(Confirmation::of_key(&thumbprint));
            let unknown = active.clone().with_confirmation(Confirmation::unknown());
            let both = bound
                .clone()
                .with_confirmation(Confirmation::of_key(&thumbprint).and(Confirmation::of_certificate("x")));
            let found = match token.as_str() {
                "bound" => Some(bound),
                "unknown" => Some(unknown),
                "both" => Some(both),
                "bearer" => Some(active),
                _ => None,
            };
            async move { Ok::<_, BoxError>(found) }
        };
        OpaqueToken::with_any_audience(introspect).with_clock(FrozenClock::at(NOON))
    };
    let of = |policy| {
        let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
        Router::new().route("/me", any(me)).layer(layer)
    };
    let (plain, proven, only) = (
        of(policy()),
        of(policy().with_dpop(dpop())),
        of(policy().with_dpop(dpop()).with_bound_tokens_only()),
    );
    for (app, scheme, token, expected) in [
        (&plain, "Bearer", "bound", 401),
        (&plain, "DPoP", "bound", 401),
        (&plain, "Bearer", "bearer", 200),
        (&proven, "Bearer", "bound", 401),
        (&proven, "DPoP", "bound", 200),
        (&proven, "DPoP", "bearer", 401),
        (&proven, "Bearer", "bearer", 200),
        (&proven, "DPoP", "unknown", 401),
        (&proven, "Bearer", "unknown", 401),
        (&proven, "DPoP", "both", 401),
        (&proven, "DPoP", "inactive", 401),
        (&only, "Bearer", "bearer", 401),
        (&only, "DPoP", "bound", 200),
    ] {
        let answer = get(app, &format!("{scheme} {token}"), &[&client.proof(token)]).await;
        assert_eq!(answer.status, expected, "{scheme} {token}");
    }
    assert_eq!(get(&proven, "DPoP bound", &[]).await.header("www-authenticate"), INVALID_PROOF);
    let proof = client.proof("another token");
    assert_eq!(get(&proven, "DPoP bound", &[&proof]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn other_policies_beside_it_stay_what_they_are() {
    let client = Client::new(Algorithm::ES256);
    let token = client.token();
    let policy = || plain().with_dpop(dpop());
    let first = FirstOf::new(TicketCookie::new(KeyRing::random())).then(policy());
    let layer = AuthLayer::new(first).with_clock(FrozenClock::at(NOON));
    let app = Router::new().route("/me", any(me)).layer(layer);
    let authorization = format!("DPoP {token}");
    assert_eq!(get(&app, &authorization, &[&client.proof(&token)]).await.status, StatusCode::OK);
    let answer = get(&app, &authorization, &["x"]).await;
    assert!(answer.header("www-authenticate").contains("error=\"invalid_dpop_proof\""));
    // A cookie in place of the header, and both.
    let cookies = self::app(policy().with_token_getter(CookieToken::new("token").unwrap()));
    let bearer = with_claims(&json!({}));
    let ask_with = |token: &str, authorization: Option<&str>| {
        let request = Request::get("/me").header("cookie", format!("token={token}"));
        match authorization {
            Some(text) => request.header("authorization", text).header("dpop", client.proof(text_of(text))),
            None => request,
        }
    };
    for (request, expected) in [
        (ask_with(&bearer, None), 200),
        (ask_with(&token, None), 401),
        (ask_with(&bearer, Some(&authorization)), 401),
    ] {
        assert_eq!(ask(&cookies, request).await.status, expected);
    }
    let vary = ask(&cookies, ask_with(&bearer, None)).await.header("vary");
    assert!(["cookie", "authorization", "dpop"].iter().all(|name| vary.contains(name)), "{vary}");
    // Without the option the scheme is left to other policies.
    let other = self::app(plain());
    assert_eq!(get(&other, &authorization, &[&client.proof(&token)]).await.status, StatusCode::UNAUTHORIZED);
}

fn text_of(authorization: &str) -> &str {
    authorization.trim_start_matches("DPoP ")
}

#[tokio::test]
async fn bad_proofs_may_be_anonymous() {
    async fn who(user: Option<UserId>) -> String {
        user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
    }
    let policy = plain().with_dpop(dpop()).with_bad_tokens_as_anonymous();
    let layer = AuthLayer::new(policy).with_clock(FrozenClock::at(NOON));
    let app = Router::new().route("/me", any(who)).layer(layer);
    let client = Client::new(Algorithm::ES256);
    let token = client.token();
    for (proof, expected) in [(client.proof(&token), "alice"), ("x".to_owned(), "anonymous")] {
        let answer = get(&app, &format!("DPoP {token}"), &[&proof]).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, expected));
    }
}

#[test]
fn options_that_cannot_be_are_errors() {
    let kind = |made: Result<Dpop, auth_runtime::jwt::JwtConfigError>| made.unwrap_err().kind();
    for address in ["", "api.example", "ftp://api.example", "https://api.example/?x", "https://a b/"] {
        let made = Dpop::new(address, MemoryReplayCache::new());
        assert_eq!(kind(made), JwtConfigErrorKind::Address, "{address}");
    }
    assert_eq!(kind(dpop().with_algorithms([])), JwtConfigErrorKind::Algorithm);
    let symmetric = [Algorithm::ES256, Algorithm::HS256];
    assert_eq!(kind(dpop().with_algorithms(symmetric)), JwtConfigErrorKind::Algorithm);
    assert_eq!(kind(dpop().with_max_age(Duration::from_secs(301))), JwtConfigErrorKind::Leeway);
}

#[cfg(feature = "full")]
#[tokio::test]
async fn a_proof_is_accepted_once_with_redis() {
    use fred::prelude::ClientLike as _;

    let Some(address) = crate::services::redis() else { return };
    let client = Client::new(Algorithm::ES256);
    let redis = fred::clients::Client::new(auth_runtime::redis_config(&address).unwrap(), None, None, None);
    redis.init().await.unwrap();
    let prefix = format!("test:dpop:{}", client.thumbprint());
    let cache = || auth_runtime::jwt::RedisReplayCache::new(redis.clone()).with_prefix(prefix.clone());
    let instance = || app(plain().with_dpop(Dpop::new(BASE, cache()).unwrap()));
    let (one, other, token) = (instance(), instance(), client.token());
    let (proof, authorization) = (client.proof(&token), format!("DPoP {token}"));
    assert_eq!(get(&one, &authorization, &[&proof]).await.status, StatusCode::OK);
    assert_eq!(get(&other, &authorization, &[&proof]).await.status, StatusCode::UNAUTHORIZED);
    redis.quit().await.unwrap();
}

/// A token that is bound both ways: each proof has to be there, and right.
#[tokio::test]
async fn a_token_that_is_bound_to_a_key_and_to_a_certificate_needs_both() {
    let certificate = ClientCertificate::from_der(b"of this client".as_slice());
    let other = ClientCertificate::from_der(b"of another client".as_slice());
    let client = Client::new(Algorithm::ES256);
    let stranger = Client::new(Algorithm::ES256);
    let token =
        with_claims(&json!({ "cnf": { "jkt": client.thumbprint(), "x5t#S256": certificate.thumbprint() } }));
    let confirmation =
        Confirmation::of_key(client.thumbprint()).and(Confirmation::of_certificate(certificate.thumbprint()));
    let introspect = move |_: String| {
        let confirmation = confirmation.clone();
        async move {
            let active = ActiveToken::new(Identity::new("alice")?).with_confirmation(confirmation);
            Ok::<_, BoxError>(Some(active))
        }
    };
    let certificates = ClientCertificates::of_server;
    let opaque = || OpaqueToken::with_any_audience(introspect.clone());
    let layer =
        |layer: AuthLayer| Router::new().route("/me", any(me)).layer(layer.with_clock(FrozenClock::at(NOON)));
    let both = [
        layer(AuthLayer::new(plain().with_dpop(dpop()).with_client_certificates(certificates()))),
        layer(AuthLayer::new(
            plain().with_dpop(dpop()).with_client_certificates(certificates()).with_bound_tokens_only(),
        )),
        layer(AuthLayer::new(opaque().with_dpop(dpop()).with_client_certificates(certificates()))),
    ];
    let half = [
        layer(AuthLayer::new(plain().with_dpop(dpop()))),
        layer(AuthLayer::new(plain().with_client_certificates(certificates()))),
        layer(AuthLayer::new(opaque().with_dpop(dpop()))),
        layer(AuthLayer::new(opaque().with_client_certificates(certificates()))),
    ];
    let ask_with =
        async |app: &Router, scheme: &str, proof: Option<&Client>, sent: Option<&ClientCertificate>| {
            let mut request = Request::get("/me").header("authorization", format!("{scheme} {token}"));
            if let Some(proof) = proof {
                request = request.header("dpop", proof.proof(&token));
            }
            if let Some(sent) = sent {
                request = request.extension(sent.clone());
            }
            ask(app, request).await.status
        };
    let (own, foreign) = (Some(&certificate), Some(&other));
    for (at, app) in both.iter().enumerate() {
        for (why, scheme, proof, sent, expected) in [
            ("both", "DPoP", Some(&client), own, 200),
            ("the proof alone", "DPoP", Some(&client), None, 401),
            ("the proof, and another certificate", "DPoP", Some(&client), foreign, 401),
            ("the certificate alone", "Bearer", None, own, 401),
            ("the certificate, and a proof as `Bearer`", "Bearer", Some(&client), own, 401),
            ("the certificate, and another key's proof", "DPoP", Some(&stranger), own, 401),
            ("the certificate, without a proof", "DPoP", None, own, 401),
            ("neither", "Bearer", None, None, 401),
        ] {
            assert_eq!(ask_with(app, scheme, proof, sent).await, expected, "{at}: {why}");
        }
    }
    for (at, app) in half.iter().enumerate() {
        for scheme in ["DPoP", "Bearer"] {
            let status = ask_with(app, scheme, Some(&client), own).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{at}: half of it is verified");
        }
    }
}

/// The certificate is compared before the proof is used up, so a request with the wrong one costs the client nothing.
#[tokio::test]
async fn a_proof_is_not_used_up_by_a_request_with_another_certificate() {
    let certificate = ClientCertificate::from_der(b"of this client".as_slice());
    let client = Client::new(Algorithm::ES256);
    let token =
        with_claims(&json!({ "cnf": { "jkt": client.thumbprint(), "x5t#S256": certificate.thumbprint() } }));
    let policy = plain().with_dpop(dpop()).with_client_certificates(ClientCertificates::of_server());
    let app = app(policy);
    let proof = client.proof(&token);
    let request =
        || Request::get("/me").header("authorization", format!("DPoP {token}")).header("dpop", &proof);
    for (sent, expected) in [(None, 401), (Some(certificate.clone()), 200), (Some(certificate), 401)] {
        let request = match sent {
            Some(sent) => request().extension(sent),
            None => request(),
        };
        assert_eq!(ask(&app, request).await.status, expected);
    }
}

#[auth_required]
async fn missing() -> StatusCode {
    StatusCode::NOT_FOUND
}

#[auth_runtime::scope_required("admin")]
async fn restart() {}

#[auth_runtime::scope_required("admin", hide)]
async fn hidden() {}

#[auth_required]
async fn own_header() -> [(&'static str, &'static str); 1] {
    [("dpop-nonce", "of the handler")]
}

/// With any status of the handler, and with each policy that verifies proofs.
#[tokio::test]
async fn each_response_to_an_ageing_nonce_has_a_new_one_unless_the_route_is_hidden() {
    let clock = FrozenClock::at(NOON);
    let ring = || KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap());
    let client = Client::new(Algorithm::ES256);
    let token = with_claims(&json!({ "cnf": { "jkt": client.thumbprint() }, "exp": null }));
    let thumbprint = client.thumbprint();
    let introspect = move |_: String| {
        let confirmation = Confirmation::of_key(thumbprint.clone());
        async move {
            let active = ActiveToken::new(Identity::new("alice")?).with_confirmation(confirmation);
            Ok::<_, BoxError>(Some(active))
        }
    };
    let jwt = || plain().with_dpop(dpop().with_nonce(ring())).allow_missing_expiry();
    let app = |layer: AuthLayer| {
        Router::new()
            .route("/me", any(me))
            .route("/missing", any(missing))
            .route("/restart", any(restart))
            .route("/hidden", any(hidden))
            .route("/own", any(own_header))
            .layer(layer.with_clock(clock.clone()))
    };
    let apps = [
        app(AuthLayer::new(jwt())),
        app(AuthLayer::new(FirstOf::new(TicketCookie::new(KeyRing::random())).then(jwt()))),
        app(AuthLayer::new(
            OpaqueToken::with_any_audience(introspect)
                .with_dpop(dpop().with_nonce(ring()))
                .with_clock(clock.clone()),
        )),
    ];
    for (at, app) in apps.iter().enumerate() {
        clock.set(auth_runtime::clock::UnixTime::from_secs(NOON));
        let ask_at = async |path: &str, nonce: Option<&str>, iat: u64| {
            let claims = json!({ "nonce": nonce, "iat": iat, "htu": format!("{BASE}{path}") });
            let proof = client.proof_with(&token, &json!({}), &claims);
            get_at(app, path, &format!("DPoP {token}"), &[&proof]).await
        };
        let demanded = ask_at("/me", None, NOON).await;
        let nonce = demanded.header("dpop-nonce");
        let fresh = ask_at("/me", Some(&nonce), NOON).await;
        assert_eq!((fresh.status.as_u16(), fresh.header("dpop-nonce")), (200, String::new()), "{at}");
        clock.advance(Duration::from_secs(200));
        for (path, expected) in [("/me", 200), ("/missing", 404), ("/restart", 403)] {
            let answer = ask_at(path, Some(&nonce), NOON + 200).await;
            assert_eq!(answer.status, expected, "{at} {path}");
            assert!(!answer.header("dpop-nonce").is_empty(), "{at} {path}");
        }
        let hidden = ask_at("/hidden", Some(&nonce), NOON + 200).await;
        assert_eq!((hidden.status.as_u16(), hidden.header("dpop-nonce")), (404, String::new()), "{at}");
        assert_eq!(
            ask_at("/own", Some(&nonce), NOON + 200).await.header("dpop-nonce"),
            "of the handler",
            "{at}"
        );
    }
}
