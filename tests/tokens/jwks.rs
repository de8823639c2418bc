//! Keys from an issuer's address: what a hostile, slow, rotating or silent issuer can and cannot do.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_runtime::{
    clock::UnixTime,
    jwt::{
        Algorithm, Found, JwtErrorKind, JwtVerifier, KeySource, RemoteJwks, SigningKey,
        jwks::{JwksError, JwksErrorKind},
    },
};
use futures_util::{future::join_all, stream, stream::StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::{support::Log, tokens};

const NOON: UnixTime = UnixTime::from_secs(1_800_000_000);
const KIB: usize = 1024;
/// Longer than any machine needs to answer itself. It passes in [`at_the_deadline`] only.
const DEADLINE: Duration = Duration::from_mins(1);

fn at(seconds: u64) -> UnixTime {
    NOON.plus(Duration::from_secs(seconds))
}

/// What the issuer does once it has read a request.
#[derive(Clone)]
enum Act {
    Send(Vec<u8>),
    /// Says nothing for as long as the client stays.
    Hang,
    /// Ends with RST instead of FIN.
    Reset,
    /// Sends this again and again, with a pause.
    Drip(Vec<u8>, Duration),
    /// Waits until it is notified.
    Wait(Arc<Notify>),
}

/// Returns whether an act ends with the client's connection only.
fn lasts(act: &Act) -> bool {
    match act {
        Act::Hang => true,
        // Without a pause it soon exceeds the size that is accepted.
        Act::Drip(_, pause) => !pause.is_zero(),
        Act::Send(_) | Act::Reset | Act::Wait(_) => false,
    }
}

type Script = Arc<dyn Fn(&str) -> Vec<Act> + Send + Sync>;

/// An issuer that follows a script, and counts.
#[derive(Clone)]
struct Issuer {
    origin: String,
    script: Arc<Mutex<Script>>,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    /// Notified when a response stalls.
    stalls: Arc<Notify>,
}

impl Issuer {
    async fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script: Script = Arc::new(move |_: &str| acts.clone());
        let issuer = Self {
            origin,
            script: Arc::new(Mutex::new(script)),
            asked: Arc::default(),
            connections: Arc::default(),
            stalls: Arc::default(),
        };
        let serving = issuer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        issuer
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(length) => request.extend_from_slice(&chunk[..length]),
            }
        }
        let path = String::from_utf8_lossy(&request).split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let acts = {
            let script = self.script.lock().unwrap().clone();
            script(&path)
        };
        for act in acts {
            if lasts(&act) {
                self.stalls.notify_one();
            }
            match act {
                Act::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Act::Hang => while stream.read(&mut chunk).await.is_ok_and(|length| length > 0) {},
                Act::Wait(open) => open.notified().await,
                Act::Reset => {
                    stream.set_zero_linger().unwrap();
                    return;
                }
                Act::Drip(bytes, pause) => {
                    while stream.write_all(&bytes).await.is_ok() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
        stream.shutdown().await.ok();
    }

    fn says(&self, acts: Vec<Act>) {
        self.follows(move |_| acts.clone());
    }

    fn follows(&self, script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    fn fetches(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn keys(&self) -> RemoteJwks {
        RemoteJwks::insecure_loopback(&format!("{}/jwks.json", self.origin)).unwrap().with_deadline(DEADLINE)
    }

    fn discovered(&self) -> RemoteJwks {
        RemoteJwks::insecure_loopback_discover(&self.origin).unwrap().with_deadline(DEADLINE)
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<Act> {
    vec![Act::Send(bytes(status, headers, body))]
}

fn bytes(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn json(body: &str) -> Vec<Act> {
    answer("200 OK", "content-type: application/json\r\n", body)
}

fn key(kid: &str) -> SigningKey {
    SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid(kid)
}

fn set<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> String {
    let keys: Vec<_> = keys.into_iter().map(|key| key.to_jwk().unwrap()).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// How a token of this key fares: verified, refused, or unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Verified,
    Refused,
    Unknown,
}

async fn fate(keys: &RemoteJwks, key: &SigningKey, now: UnixTime) -> Fate {
    match keys.find(key.kid(), key.algorithm(), now).await {
        Ok(found) => judge(&found, key),
        Err(error) => {
            let error = error.downcast::<JwksError>().unwrap();
            assert_eq!(error.kind(), JwksErrorKind::Unavailable);
            Fate::Unknown
        }
    }
}

/// Lets the deadline pass as soon as the issuer stalls, however fast or slow the machine is.
async fn at_the_deadline<T>(issuer: &Issuer, asked: impl Future<Output = T>) -> T {
    let stalled = async {
        issuer.stalls.notified().await;
        tokio::time::pause();
    };
    let (found, ()) = tokio::join!(asked, stalled);
    tokio::time::resume();
    found
}

/// Returns the keys if they are known without a fetch that has to be waited for.
fn at_hand(keys: &RemoteJwks, kid: Option<&str>, algorithm: Algorithm, now: UnixTime) -> Option<Found> {
    keys.find(kid, algorithm, now).now()?.ok()
}

fn judge(found: &Found, key: &SigningKey) -> Fate {
    let signature = key.sign(b"header.payload").unwrap();
    if found.verify(b"header.payload", &signature).is_some() { Fate::Verified } else { Fate::Refused }
}

async fn eventually(mut done: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within a minute");
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let key = key("a");
    let issuer = Issuer::new(json(&set([&key]))).await;
    let keys = issuer.keys();
    assert!(at_hand(&keys, Some("a"), Algorithm::EdDSA, NOON).is_none(), "nothing is at hand yet");
    for _ in 0..10 {
        assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
    }
    // From now on no request waits, and copies know as much.
    let copy = keys.clone();
    assert_eq!(judge(&at_hand(&copy, Some("a"), Algorithm::EdDSA, at(60)).unwrap(), &key), Fate::Verified);
    assert_eq!(issuer.fetches(), 1);
    assert_eq!(*issuer.asked.lock().unwrap(), ["/jwks.json"]);
}

#[tokio::test]
async fn a_thousand_first_requests_fetch_once() {
    let key = key("a");
    let issuer = Issuer::new(json(&set([&key]))).await;
    let keys = issuer.keys();
    let fates = join_all((0..1_000).map(|_| fate(&keys, &key, NOON))).await;
    assert!(fates.iter().all(|fate| *fate == Fate::Verified));
    assert_eq!(issuer.fetches(), 1);
}

/// Answers that bring no keys, by name.
fn hostile_answers(good: &str, trap: &str) -> Vec<(&'static str, Vec<Act>)> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let send = |text: String| Act::Send(text.into_bytes());
    let filler = |length: usize| " ".repeat(length);
    let many: Vec<_> = (0..101).map(|n| key(&n.to_string()).to_jwk().unwrap()).collect();
    let member = good.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 64 * KIB, filler(64 * KIB));
    vec![
        ("nothing", vec![]),
        ("reset at once", vec![Act::Reset]),
        ("silence", vec![Act::Hang]),
        ("silence behind the head", vec![send(format!("{head}content-length: 10\r\n\r\n")), Act::Hang]),
        (
            "reset inside the body",
            vec![send(format!("{head}content-length: 9999\r\n\r\n{good}")), Act::Reset],
        ),
        ("an end inside the body", vec![send(format!("{head}content-length: 9999\r\n\r\n{good}"))]),
        (
            "drops of a head",
            vec![Act::Drip(b"HTTP/1.1 200 OK\r\nx: y\r\n"[..1].to_vec(), Duration::from_millis(20))],
        ),
        (
            "drops of a body",
            vec![send(chunked.clone()), Act::Drip(b"1\r\n \r\n".to_vec(), Duration::from_millis(20))],
        ),
        ("an endless body", vec![send(chunked.clone()), Act::Drip(chunk.into_bytes(), Duration::ZERO)]),
        ("another protocol", vec![Act::Send(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())]),
        ("301 elsewhere", answer("301 Moved Permanently", &format!("location: {trap}\r\n"), good)),
        ("302 elsewhere", answer("302 Found", &format!("location: {trap}\r\n"), good)),
        ("307 elsewhere", answer("307 Temporary Redirect", &format!("location: {trap}\r\n"), good)),
        ("302 here", answer("302 Found", "location: /other.json\r\n", good)),
        ("204", answer("204 No Content", "", "")),
        ("206", answer("206 Partial Content", "content-type: application/json\r\n", good)),
        ("401", answer("401 Unauthorized", "content-type: application/json\r\n", good)),
        ("404", answer("404 Not Found", "content-type: application/json\r\n", good)),
        ("429", answer("429 Too Many Requests", "retry-after: 7\r\n", good)),
        ("500", answer("500 Internal Server Error", "", good)),
        ("503", answer("503 Service Unavailable", "", good)),
        ("HTML", answer("200 OK", "content-type: text/html\r\n", "<html><body>sign in</body></html>")),
        (
            "keys that call themselves HTML",
            answer("200 OK", "content-type: text/html; charset=utf-8\r\n", good),
        ),
        ("HTML that calls itself JSON", json("<html></html>")),
        (
            "a compressed body",
            answer("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", good),
        ),
        ("a byte too much", json(&format!("{good}{}", filler(256 * KIB + 1 - good.len())))),
        (
            "a hundred megabytes announced",
            vec![send(format!("{head}content-length: 104857600\r\n\r\n{good}")), Act::Hang],
        ),
        ("nothing in the body", json("")),
        ("no object", json("[]")),
        ("null", json("null")),
        ("no keys", json("{}")),
        ("keys that are no list", json(r#"{"keys":{}}"#)),
        ("a set twice", json(&format!("{good}{good}"))),
        ("members twice", json(&format!("{{{member},{member}}}"))),
        ("a member of a key twice", json(&good.replace(r#""kty":"#, r#""kty":"RSA","kty":"#))),
        ("as many keys as fit", json(&format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(86_999)))),
        ("a hundred thousand keys", json(&format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(99_999)))),
        ("101 keys", json(&format!(r#"{{"keys":[{}]}}"#, many.join(",")))),
        ("depth", json(&format!(r#"{{"x":{}{},{member}}}"#, "[".repeat(50_000), "]".repeat(50_000)))),
        ("a byte order mark", json(&format!("\u{feff}{good}"))),
        ("cut off", json(&good[..good.len() - 1])),
        ("one private key", json(r#"{"keys":"-----BEGIN PRIVATE KEY-----"}"#)),
    ]
}

async fn brings_nothing(name: &str, issuer: &Issuer, new: &SigningKey) {
    assert_eq!(fate(&issuer.keys(), new, NOON).await, Fate::Unknown, "{name}");
    assert_eq!(issuer.fetches(), 1, "{name}");
}

async fn takes_nothing(name: &str, issuer: &Issuer, keys: &RemoteJwks, [key, new]: [&SigningKey; 2]) {
    assert_eq!(fate(keys, key, at(3600)).await, Fate::Verified, "{name}");
    assert_eq!(issuer.fetches(), 2, "{name}");
    assert_eq!(fate(keys, new, at(3600)).await, Fate::Unknown, "{name}");
}

/// Without keys such an answer is an outage; with keys it changes nothing.
#[tokio::test]
async fn hostile_answers_bring_nothing_and_take_nothing() {
    let (key, new) = (key("a"), key("b"));
    let trap = Issuer::new(json(&set([&new]))).await;
    let scripts = hostile_answers(&set([&new]), &format!("{}/jwks.json", trap.origin));
    assert!(scripts.len() >= 40);
    let (lasting, ending): (Vec<_>, Vec<_>) =
        scripts.into_iter().partition(|(_, acts)| acts.iter().any(lasts));
    assert!(lasting.len() >= 4 && ending.len() >= 30);
    for (name, acts) in lasting {
        let empty = Issuer::new(acts.clone()).await;
        at_the_deadline(&empty, brings_nothing(name, &empty, &new)).await;
        let issuer = Issuer::new(json(&set([&key]))).await;
        let keys = issuer.keys();
        assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified, "{name}");
        issuer.says(acts);
        at_the_deadline(&issuer, takes_nothing(name, &issuer, &keys, [&key, &new])).await;
    }
    let ordeals = ending.into_iter().map(|(name, acts)| {
        let (key, new) = (key.clone(), new.clone());
        async move {
            brings_nothing(name, &Issuer::new(acts.clone()).await, &new).await;
            let issuer = Issuer::new(json(&set([&key]))).await;
            let keys = issuer.keys();
            assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified, "{name}");
            issuer.says(acts);
            takes_nothing(name, &issuer, &keys, [&key, &new]).await;
        }
    });
    // A few at a time: setting up a client takes a while.
    stream::iter(ordeals).buffer_unordered(8).collect::<()>().await;
    assert_eq!(trap.connections.load(Ordering::SeqCst), 0, "no redirect was followed");
}

/// One bad key is skipped, and the event about it is one line.
#[tokio::test]
async fn bad_keys_are_skipped_and_good_ones_live() {
    let good = key("good");
    let jwk = good.to_jwk().unwrap();
    let x = jwk.split(r#""x":""#).nth(1).unwrap().split('"').next().unwrap();
    let hostile = "a\r\nallow\u{1b}[31m\u{202e}\u{2028}";
    let bad = [
        r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","alg":"HS256","kid":"bad"}"#
            .to_owned(),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{x}","kid":"bad"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"enc","kid":"bad"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","key_ops":["encrypt"],"kid":"bad"}}"#),
        format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}","kid":"bad"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"ES256","kid":"bad"}}"#),
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}","kid":"bad"}}"#),
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA","kid":"bad"}"#.to_owned(),
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"bad"}"#.to_owned(),
        r#"{"kid":"bad"}"#.to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        r#""bad""#.to_owned(),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":7}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{}"}}"#, "k".repeat(257)),
        serde_json::json!({"kty": "none", "kid": hostile}).to_string(),
    ];
    let count = bad.len();
    let body = format!(r#"{{"keys":[{},{jwk}]}}"#, bad.join(","));
    let issuer = Issuer::new(json(&body)).await;
    let keys = issuer.keys();
    let (fate, told) = Log::of(fate(&keys, &good, NOON)).await;
    assert_eq!(fate, Fate::Verified);
    let skipped: Vec<_> = told.iter().filter(|event| event.message == "key skipped").collect();
    assert_eq!(skipped.len(), count);
    let last = skipped.last().unwrap().field("kid");
    assert_eq!(last, r"a\u{d}\u{a}allow\u{1b}[31m\u{202e}\u{2028}");
    assert!(skipped.iter().all(|event| event.field("kid").chars().count() <= 256));
    for algorithm in Algorithm::ALL {
        assert!(keys.find(Some("bad"), algorithm, NOON).await.unwrap().is_empty(), "{algorithm}");
    }
    assert_eq!(issuer.fetches(), 2, "once more, for an unknown name");
}

/// One name for several keys is resolved by the algorithm, and where that is the same by the signature.
#[tokio::test]
async fn a_name_for_several_keys_does_not_spoil_a_set() {
    let [one, other] = [key("same"), key("same")];
    let rsa = SigningKey::generate(Algorithm::RS256).unwrap().with_kid("same");
    let good = key("good");
    let issuer = Issuer::new(json(&set([&one, &other, &one, &rsa, &good]))).await;
    let keys = issuer.keys();
    for signing in [&one, &other, &rsa, &good] {
        assert_eq!(fate(&keys, signing, NOON).await, Fate::Verified);
    }
    assert_eq!(keys.find(Some("same"), Algorithm::RS256, NOON).await.unwrap().iter().count(), 1);
    assert_eq!(keys.find(Some("same"), one.algorithm(), NOON).await.unwrap().iter().count(), 2);
    assert!(keys.find(Some("same"), Algorithm::PS256, NOON).await.unwrap().is_empty());
    assert_ne!(fate(&keys, &key("same"), NOON).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 1);
}

/// File servers know no type for a key set. What is a page by its type is none, and the log names the type.
#[tokio::test]
async fn key_sets_are_served_under_the_types_of_files() {
    let good = key("a");
    for kind in ["application/octet-stream", "text/plain; charset=utf-8", "application/jwk-set+json"] {
        let body = answer("200 OK", &format!("content-type: {kind}\r\n"), &set([&good]));
        let issuer = Issuer::new(body).await;
        assert_eq!(fate(&issuer.keys(), &good, NOON).await, Fate::Verified, "{kind}");
    }
    let page = answer("200 OK", "content-type: text/html; x=1\r\n", &set([&good]));
    let issuer = Issuer::new(page).await;
    let (refused, told) = Log::of(fate(&issuer.keys(), &good, NOON)).await;
    assert_eq!(refused, Fate::Unknown);
    let failed = told.iter().find(|event| event.message == "failed").unwrap();
    assert!(failed.field("error").contains("`text/html; x=1`"), "{failed:?}");
}

/// Metadata of another issuer are refused, and the log names both.
#[tokio::test]
async fn the_log_names_both_issuers() {
    let issuer =
        Issuer::new(json(r#"{"issuer":"https://other.example/\u001b","jwks_uri":"https://other.example"}"#))
            .await;
    let (refused, told) = Log::of(fate(&issuer.discovered(), &key("a"), NOON)).await;
    assert_eq!(refused, Fate::Unknown);
    let failed = told.iter().find(|event| event.message == "failed").unwrap();
    let error = failed.field("error");
    assert!(error.contains("https://other.example/") && error.contains(&issuer.origin), "{error}");
    assert!(!error.contains('\u{1b}'));
}

/// A shared secret never comes out of a set, and a request for one fetches nothing.
#[tokio::test]
async fn no_published_key_is_a_secret() {
    let issuer = Issuer::new(json(&set([&key("a")]))).await;
    let keys = issuer.keys();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(at_hand(&keys, Some("a"), algorithm, NOON).unwrap().is_empty());
        assert!(keys.find(None, algorithm, NOON).await.unwrap().is_empty());
    }
    assert_eq!(issuer.fetches(), 0);
}

/// A token brings no keys, and leads to none; it is refused before anybody is asked.
#[tokio::test]
async fn no_token_says_where_its_key_is() {
    let (good, evil) = (key("a"), key("evil"));
    let trap = Issuer::new(json(&set([&evil]))).await;
    let issuer = Issuer::new(json(&set([&good]))).await;
    let verifier =
        JwtVerifier::new(issuer.keys()).with_issuer(tokens::ISSUER).with_audience(tokens::AUDIENCE);
    let judge = async |token: &str| {
        let answer = verifier.verify(token, UnixTime::from_secs(tokens::NOON)).await;
        answer.map(drop).map_err(|error| error.kind())
    };
    let header = |key: &SigningKey, more: &serde_json::Value| {
        let header = serde_json::json!({"alg": "EdDSA", "kid": key.kid(), "typ": "at+jwt"});
        tokens::with(header, more)
    };
    let jwk: serde_json::Value = serde_json::from_str(&evil.to_jwk().unwrap()).unwrap();
    let place = format!("{}/jwks.json", trap.origin);
    for (name, value) in [
        ("jku", serde_json::json!(place)),
        ("x5u", serde_json::json!(format!("{}/key.pem", trap.origin))),
        ("x5c", serde_json::json!(["MIIB"])),
        ("jwk", jwk),
    ] {
        for signer in [&good, &evil] {
            let header = header(signer, &serde_json::json!({ name: value }));
            let token = tokens::sign_with(signer, header, tokens::claims());
            assert_eq!(judge(&token).await, Err(JwtErrorKind::Header), "{name}");
        }
    }
    assert_eq!(issuer.fetches(), 0, "no key was looked for");
    // Neither an issuer's nor a key's name is an address, even if it looks like one.
    for name in [&trap.origin, &place] {
        let token = tokens::sign_with(
            &evil,
            header(&evil, &serde_json::json!({ "kid": name })),
            tokens::with(tokens::claims(), &serde_json::json!({ "iss": name })),
        );
        assert_eq!(judge(&token).await, Err(JwtErrorKind::Key), "{name}");
    }
    let token = tokens::sign_with(&good, header(&good, &serde_json::json!({})), tokens::claims());
    assert_eq!(judge(&token).await, Ok(()));
    assert_eq!(issuer.fetches(), 2, "once more, for an unknown name");
    assert_eq!(trap.connections.load(Ordering::SeqCst), 0);
}

/// SSRF: the name of a key does not change the request to its issuer.
#[tokio::test]
async fn names_of_keys_are_not_sent_anywhere() {
    let issuer = Issuer::new(json(&set([&key("a")]))).await;
    let keys = issuer.keys();
    let names = tokens::hostile_names();
    assert!(names.len() >= 30);
    let ((), told) = Log::of(async {
        for (name, turn) in names.iter().zip(0..) {
            // Each after a cool-down of its own, so that each is a reason to ask.
            let found = keys.find(Some(name), Algorithm::EdDSA, at(turn * 30)).await.unwrap();
            assert!(found.is_empty(), "{name:?}");
        }
    })
    .await;
    assert_eq!(*issuer.asked.lock().unwrap(), vec!["/jwks.json"; names.len()]);
    let told = format!("{told:?}");
    assert!(!told.contains("jndi") && !told.contains("DROP") && !told.contains("etc/passwd"), "{told}");
}

#[tokio::test]
async fn ten_thousand_unknown_names_cost_one_fetch_per_cool_down() {
    let good = key("good");
    let issuer = Issuer::new(json(&set([&good]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &good, NOON).await, Fate::Verified);
    let flood = |now| {
        let keys = keys.clone();
        async move {
            let names: Vec<_> = (0..10_000).map(|n| format!("unknown {n}")).collect();
            let found =
                join_all(names.iter().map(|name| keys.find(Some(name), Algorithm::EdDSA, now).into_future()))
                    .await;
            assert!(found.iter().all(|found| found.as_ref().is_ok_and(Found::is_empty)));
        }
    };
    flood(NOON).await;
    assert_eq!(issuer.fetches(), 2, "the fetch before was not for an unknown name");
    flood(at(29)).await;
    assert_eq!(issuer.fetches(), 2, "this one was");
    flood(at(30)).await;
    assert_eq!(issuer.fetches(), 3);
    flood(at(31)).await;
    flood(at(59)).await;
    assert_eq!(issuer.fetches(), 3);
    flood(at(60)).await;
    assert_eq!(issuer.fetches(), 4);
    // A known name under another algorithm does not cause a fetch.
    assert!(keys.find(Some("good"), Algorithm::RS256, at(300)).await.unwrap().is_empty());
    assert_eq!(issuer.fetches(), 4);
}

/// The pause is a choice.
#[tokio::test]
async fn the_cool_down_can_be_chosen() {
    let issuer = Issuer::new(json(&set([&key("a")]))).await;
    let keys = issuer.keys().with_cool_down(Duration::from_mins(5));
    for (seconds, fetches) in [(0, 1), (1, 2), (300, 2), (301, 3), (302, 3)] {
        assert_eq!(fate(&keys, &key("b"), at(seconds)).await, Fate::Refused);
        assert_eq!(issuer.fetches(), fetches, "{seconds}");
    }
}

/// A new key is known as soon as a token names it, a withdrawn one is refused within the lifetime.
#[tokio::test]
async fn keys_rotate() {
    let (old, new) = (key("old"), key("new"));
    let issuer = Issuer::new(answer("200 OK", "cache-control: max-age=600\r\n", &set([&old]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &old, NOON).await, Fate::Verified);
    issuer.says(answer("200 OK", "cache-control: max-age=600\r\n", &set([&old, &new])));
    assert_eq!(fate(&keys, &new, at(100)).await, Fate::Verified);
    assert_eq!(fate(&keys, &old, at(100)).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 2);
    issuer.says(answer("200 OK", "cache-control: max-age=600\r\n", &set([&new])));
    // Idle for a while: the first request after the lifetime waits for a fetch.
    assert_eq!(fate(&keys, &old, at(549)).await, Fate::Verified);
    assert_eq!(fate(&keys, &old, at(700)).await, Fate::Refused);
    assert_eq!(fate(&keys, &new, at(700)).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 3);
    // An issuer without keys has none.
    issuer.says(json(r#"{"keys":[]}"#));
    assert_eq!(fate(&keys, &new, at(1400)).await, Fate::Refused);
}

/// Also right after another fetch: no token of the new key is rejected.
#[tokio::test]
async fn a_rotation_right_after_a_fetch_rejects_no_token() {
    let (old, new, next) = (key("old"), key("new"), key("next"));
    let issuer = Issuer::new(json(&set([&old]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &old, NOON).await, Fate::Verified);
    issuer.says(json(&set([&old, &new])));
    assert_eq!(fate(&keys, &new, NOON).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 2);
    // A second one within 30 seconds waits.
    issuer.says(json(&set([&new, &next])));
    assert_eq!(fate(&keys, &next, at(29)).await, Fate::Refused);
    assert_eq!(fate(&keys, &next, at(30)).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 3);
}

/// A fetch that began before the rotation brings the old keys: the token of the new key waits for another
/// one.
#[tokio::test]
async fn a_rotation_during_a_fetch_rejects_no_token() {
    let (old, new) = (key("old"), key("new"));
    let open = Arc::new(Notify::new());
    let issuer =
        Issuer::new(vec![Act::Wait(Arc::clone(&open)), Act::Send(bytes("200 OK", "", &set([&old])))]).await;
    let keys = issuer.keys().with_deadline(Duration::from_mins(1));
    let first = tokio::spawn({
        let (keys, old) = (keys.clone(), old.kid().unwrap().to_owned());
        async move { keys.find(Some(&old), Algorithm::EdDSA, NOON).await.unwrap().is_empty() }
    });
    eventually(|| issuer.fetches() == 1).await;
    issuer.says(json(&set([&old, &new])));
    let (fate, ()) = tokio::join!(fate(&keys, &new, NOON), async { open.notify_one() });
    assert_eq!(fate, Fate::Verified);
    assert!(!first.await.unwrap());
    assert_eq!(issuer.fetches(), 2);
}

/// However many tokens with unknown names an attacker sends in an hour, and at which moments.
#[tokio::test]
async fn unknown_names_cost_two_fetches_a_minute_at_most() {
    let good = key("good");
    let issuer = Issuer::new(answer("200 OK", "cache-control: max-age=60\r\n", &set([&good]))).await;
    let keys = issuer.keys();
    for seconds in 0..3600 {
        let found = keys.find(Some(&format!("unknown {seconds}")), Algorithm::EdDSA, at(seconds)).await;
        assert!(found.unwrap().is_empty());
    }
    // One in 30 seconds for their names, and one in 45 or more, since the keys are due.
    assert!(issuer.fetches() <= 3600 / 30 + 3600 / 45 + 1, "{}", issuer.fetches());
}

/// `max-age` is obeyed between a minute and the limit.
#[tokio::test]
async fn lifetimes_are_the_issuers_within_bounds() {
    let old = key("old");
    for (header, lifetime) in [
        ("", 900),
        ("cache-control: max-age=120\r\n", 120),
        ("cache-control: no-store\r\n", 60),
        ("cache-control: max-age=0\r\n", 60),
        ("cache-control: max-age=31536000\r\n", 1200),
    ] {
        let issuer = Issuer::new(answer("200 OK", header, &set([&old]))).await;
        let keys = issuer.keys().with_max_lifetime(Duration::from_mins(20));
        assert_eq!(fate(&keys, &old, NOON).await, Fate::Verified, "{header}");
        issuer.says(json(&set([&key("new")])));
        let before = lifetime - lifetime / 4 - 1;
        assert_eq!(fate(&keys, &old, at(before)).await, Fate::Verified, "{header}");
        assert_eq!(issuer.fetches(), 1, "{header}");
        assert_eq!(fate(&keys, &old, at(lifetime)).await, Fate::Refused, "{header}");
    }
    // Less than a minute cannot be asked for, or each request would fetch.
    let issuer = Issuer::new(json(&set([&old]))).await;
    let keys = issuer.keys().with_max_lifetime(Duration::ZERO);
    for seconds in [0, 0, 1, 44] {
        assert_eq!(fate(&keys, &old, at(seconds)).await, Fate::Verified);
    }
    assert_eq!(issuer.fetches(), 1);
}

/// The good keys serve while others are fetched, and no request waits for that.
#[tokio::test]
async fn requests_are_served_while_a_fetch_hangs() {
    let (key, other) = (key("a"), key("b"));
    let issuer = Issuer::new(json(&set([&key]))).await;
    let keys = issuer.keys().with_deadline(Duration::from_hours(1));
    assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
    issuer.says(vec![Act::Hang]);
    // Three quarters of fifteen minutes are over: the request that notices begins the fetch, and is served.
    for seconds in [675, 675, 700, 899] {
        let found = at_hand(&keys, Some("a"), Algorithm::EdDSA, at(seconds)).unwrap();
        assert_eq!(judge(&found, &key), Fate::Verified);
    }
    eventually(|| issuer.fetches() == 2).await;
    // An unknown name waits for the fetch that is under way. The known one is served meanwhile.
    let waiting = tokio::spawn({
        let (keys, other) = (keys.clone(), other.clone());
        async move { fate(&keys, &other, at(700)).await }
    });
    for _ in 0..100 {
        assert_eq!(
            judge(&at_hand(&keys, Some("a"), Algorithm::EdDSA, at(700)).unwrap(), &key),
            Fate::Verified
        );
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    waiting.abort();
    assert_eq!(issuer.fetches(), 2);
}

/// Ahead of time means that no request ever waits when the issuer answers.
#[tokio::test]
async fn keys_are_replaced_ahead_of_time() {
    let (old, new) = (key("old"), key("new"));
    let issuer = Issuer::new(json(&set([&old]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &old, NOON).await, Fate::Verified);
    issuer.says(json(&set([&new])));
    assert_eq!(judge(&at_hand(&keys, Some("old"), Algorithm::EdDSA, at(675)).unwrap(), &old), Fate::Verified);
    eventually(|| {
        at_hand(&keys, Some("new"), Algorithm::EdDSA, at(676))
            .is_some_and(|found| judge(&found, &new) == Fate::Verified)
    })
    .await;
    assert_eq!(issuer.fetches(), 2);
    assert!(at_hand(&keys, Some("new"), Algorithm::EdDSA, at(675 + 674)).is_some());
}

/// An outage of any length up to the limit is not noticed; behind it nothing is verified any more.
#[tokio::test]
async fn the_last_good_keys_serve_up_to_a_limit() {
    let key = key("a");
    for (limit, chosen) in
        [(24 * 3600, None), (7200, Some(7200)), (0, Some(0)), (24 * 3600, Some(30 * 24 * 3600))]
    {
        let issuer = Issuer::new(json(&set([&key]))).await;
        let mut keys = issuer.keys();
        if let Some(chosen) = chosen {
            keys = keys.with_stale_limit(Duration::from_secs(chosen));
        }
        assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
        issuer.says(answer("503 Service Unavailable", "", ""));
        let dead = 900 + limit;
        for minutes in 0..=120 {
            let seconds = minutes * 60;
            let expected = if seconds < dead { Fate::Verified } else { Fate::Unknown };
            assert_eq!(fate(&keys, &key, at(seconds)).await, expected, "{seconds} of {dead}");
        }
        assert_eq!(fate(&keys, &key, at(dead)).await, Fate::Unknown);
        assert_eq!(fate(&keys, &key, at(10 * dead)).await, Fate::Unknown);
        // It is back.
        issuer.says(json(&set([&key])));
        assert_eq!(fate(&keys, &key, at(10 * dead + 60)).await, Fate::Verified);
    }
}

/// During an outage only the first request waits for the timeout, and the issuer is left alone.
#[tokio::test]
async fn an_outage_delays_no_request() {
    let key = key("a");
    let issuer = Issuer::new(json(&set([&key]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
    issuer.says(vec![Act::Hang]);
    assert_eq!(at_the_deadline(&issuer, fate(&keys, &key, at(1000))).await, Fate::Verified);
    for seconds in 1000..1300 {
        assert!(at_hand(&keys, Some("a"), Algorithm::EdDSA, at(seconds)).is_some(), "{seconds}");
    }
    assert!(issuer.fetches() <= 3, "one under way at a time");
}

/// The application starts before its issuer, and notices soon when it is there.
#[tokio::test]
async fn the_issuer_may_come_later() {
    let key = key("a");
    let issuer = Issuer::new(vec![]).await;
    let keys = issuer.keys();
    let mut asked = Vec::new();
    for seconds in 0..70 {
        let before = issuer.fetches();
        assert_eq!(fate(&keys, &key, at(seconds)).await, Fate::Unknown);
        if issuer.fetches() > before {
            asked.push(seconds);
        }
    }
    // Pauses of 1, 2, 4, 8, 16 seconds and then of the cool-down.
    assert_eq!(asked, [0, 1, 3, 7, 15, 31, 61]);
    issuer.says(json(&set([&key])));
    assert_eq!(fate(&keys, &key, at(90)).await, Fate::Unknown);
    assert_eq!(fate(&keys, &key, at(91)).await, Fate::Verified);
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let key = key("a");
    let issuer = Issuer::new(answer("429 Too Many Requests", "retry-after: 120\r\n", "")).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &key, NOON).await, Fate::Unknown);
    issuer.says(json(&set([&key])));
    assert_eq!(fate(&keys, &key, at(119)).await, Fate::Unknown);
    assert_eq!(issuer.fetches(), 1);
    assert_eq!(fate(&keys, &key, at(120)).await, Fate::Verified);
}

/// A clock that jumps neither prolongs a key's life nor stops fetches.
#[tokio::test]
async fn clocks_may_jump() {
    let (old, new) = (key("old"), key("new"));
    let issuer = Issuer::new(json(&set([&old]))).await;
    let keys = issuer.keys();
    assert_eq!(fate(&keys, &old, at(100_000)).await, Fate::Verified);
    issuer.says(json(&set([&new])));
    // Back by more than a day: the age of the keys is not known any more.
    assert_eq!(fate(&keys, &old, NOON).await, Fate::Refused);
    assert_eq!(fate(&keys, &new, NOON).await, Fate::Verified);
    // Far ahead, to the end of time, and back again.
    for now in [at(10_000_000), UnixTime::from_secs(u64::MAX), UnixTime::from_secs(0), NOON] {
        assert_eq!(fate(&keys, &new, now).await, Fate::Verified, "{now}");
    }
}

/// A fetch is independent of its request: it continues when the request that began it is gone.
#[tokio::test]
async fn a_cancelled_request_does_not_cancel_the_fetch() {
    let key = key("a");
    let issuer = Issuer::new(vec![]).await;
    let (go, gone) = (Arc::new(Notify::new()), set([&key]));
    // The answer comes in two parts; the second one waits for us.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn({
        let go = Arc::clone(&go);
        async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut chunk = [0; 4096];
            assert!(stream.read(&mut chunk).await.unwrap() > 0);
            go.notified().await;
            let [Act::Send(bytes)] = &json(&gone)[..] else { panic!("one answer") };
            stream.write_all(bytes).await.unwrap();
        }
    });
    let keys = RemoteJwks::insecure_loopback(&format!("http://{address}/")).unwrap();
    let first = tokio::spawn({
        let (keys, key) = (keys.clone(), key.clone());
        async move { fate(&keys, &key, NOON).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.notify_one();
    server.await.unwrap();
    eventually(|| at_hand(&keys, Some("a"), Algorithm::EdDSA, NOON).is_some()).await;
    assert_eq!(issuer.fetches(), 0);
}

/// A failure is logged once per fetch, without the address's query.
#[tokio::test]
async fn failures_are_logged() {
    let issuer = Issuer::new(answer("404 Not Found", "", "")).await;
    let address = format!("{}/jwks.json?secret=canary", issuer.origin);
    let keys = RemoteJwks::insecure_loopback(&address).unwrap();
    let key = key("a");
    let (fates, told) = Log::of(join_all((0..50).map(|_| fate(&keys, &key, NOON)))).await;
    assert!(fates.iter().all(|fate| *fate == Fate::Unknown));
    let told: Vec<_> = told.iter().filter(|event| event.message == "failed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field("operation"), "fetch_keys");
    assert_eq!(told[0].field("error"), format!("{}/jwks.json answers with status 404", issuer.origin));
    assert!(!format!("{keys:?}{told:?}").contains("canary"));

    // The port is closed: the log has the cause, and no more of the address.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks.json?secret=canary", listener.local_addr().unwrap());
    drop(listener);
    let keys = RemoteJwks::insecure_loopback(&address).unwrap();
    let (unknown, told) = Log::of(fate(&keys, &key, NOON)).await;
    assert_eq!(unknown, Fate::Unknown);
    let told: Vec<_> = told.iter().filter(|event| event.message == "failed").collect();
    assert!(told[0].field("source").to_lowercase().contains("connection refused"), "{told:?}");
    assert!(!format!("{told:?}").contains("canary"));
}

fn metadata(issuer: &str, keys: &str) -> Vec<Act> {
    json(&serde_json::json!({"issuer": issuer, "jwks_uri": keys, "x": {"y": [1]}}).to_string())
}

#[tokio::test]
async fn an_issuer_tells_where_its_keys_are() {
    let key = key("a");
    let issuer = Issuer::new(vec![]).await;
    let (origin, body) = (issuer.origin.clone(), set([&key]));
    issuer.follows(move |path| match path {
        "/.well-known/openid-configuration" => metadata(&origin, &format!("{origin}/keys")),
        "/keys" => json(&body),
        _ => answer("404 Not Found", "", ""),
    });
    let keys = issuer.discovered();
    assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
    assert_eq!(*issuer.asked.lock().unwrap(), ["/.well-known/openid-configuration", "/keys"]);
    // The place is remembered, for a day.
    assert_eq!(fate(&keys, &key, at(1000)).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 3);
    assert_eq!(fate(&keys, &key, at(100_000)).await, Fate::Verified);
    assert_eq!(issuer.fetches(), 5);
}

/// A document that is not metadata of this issuer leads to the second place.
#[tokio::test]
async fn an_odd_first_place_keeps_the_second_from_nothing() {
    let key = key("a");
    for odd in [
        answer("403 Forbidden", "", ""),
        answer("302 Found", "Location: /elsewhere\r\n", ""),
        answer("200 OK", "Content-Type: text/html\r\n", "<html>"),
        json("<html>"),
        json("{}"),
        json(r#"{"issuer":"https://other.example","jwks_uri":"https://other.example/keys"}"#),
    ] {
        let issuer = Issuer::new(vec![]).await;
        let (origin, body) = (issuer.origin.clone(), set([&key]));
        issuer.follows(move |path| match path {
            "/.well-known/openid-configuration" => odd.clone(),
            "/.well-known/oauth-authorization-server" => metadata(&origin, &format!("{origin}/keys")),
            _ => json(&body),
        });
        assert_eq!(fate(&issuer.discovered(), &key, NOON).await, Fate::Verified);
        let places =
            ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/keys"];
        assert_eq!(*issuer.asked.lock().unwrap(), places);
    }
}

#[tokio::test]
async fn both_places_are_named_when_neither_helps() {
    let issuer = Issuer::new(vec![]).await;
    issuer.follows(|path| match path {
        "/.well-known/openid-configuration" => answer("403 Forbidden", "", ""),
        _ => json("{}"),
    });
    let (fate, told) = Log::of(fate(&issuer.discovered(), &key("a"), NOON)).await;
    assert_eq!(fate, Fate::Unknown);
    let told = told.iter().find(|event| event.message == "failed").unwrap().field("error").to_owned();
    assert!(told.contains("/.well-known/openid-configuration answers with status 403; "), "{told}");
    assert!(
        told.contains("/.well-known/oauth-authorization-server is about the issuer ``, and not about"),
        "{told}"
    );
}

/// RFC 8414, section 3.
#[tokio::test]
async fn an_oauth_server_tells_it_elsewhere() {
    let key = key("a");
    let issuer = Issuer::new(vec![]).await;
    let (name, body) = (format!("{}/realms/one", issuer.origin), set([&key]));
    let expected = name.clone();
    issuer.follows(move |path| match path {
        "/.well-known/oauth-authorization-server/realms/one" => {
            metadata(&expected, &format!("{expected}/keys"))
        }
        "/realms/one/keys" => json(&body),
        _ => answer("404 Not Found", "", ""),
    });
    let keys = RemoteJwks::insecure_loopback_discover(&name).unwrap().with_deadline(DEADLINE);
    assert_eq!(fate(&keys, &key, NOON).await, Fate::Verified);
    let asked = issuer.asked.lock().unwrap().clone();
    let places = [
        "/realms/one/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/realms/one",
    ];
    assert_eq!(asked, [places[0], places[1], "/realms/one/keys"]);
}

/// Metadata that are not exactly this issuer's, or that point where nothing may be fetched.
#[tokio::test]
async fn hostile_metadata_bring_nothing() {
    let key = key("a");
    let trap = Issuer::new(json(&set([&key]))).await;
    let issuer = Issuer::new(vec![]).await;
    let (origin, good) = (&issuer.origin, format!("{}/keys", trap.origin));
    let upper = origin.to_uppercase();
    let near_misses = [
        format!("{origin}/"),
        upper,
        format!("{origin} "),
        format!(" {origin}"),
        format!("{origin}\n"),
        format!("{origin}\u{0}"),
        format!("{origin}?"),
        format!("{origin}#"),
        format!("{origin}/x"),
        format!("{origin}/.."),
        format!("{origin}0"),
        format!("{origin}.evil.example"),
        format!("{origin},{origin}"),
        origin[..origin.len() - 1].to_owned(),
        origin.replace("http:", "https:"),
        origin.replace("http://", ""),
        origin.replace("http://", "http:"),
        origin.replace("http://", "http://u@"),
        origin.replace("127.0.0.1", "localhost"),
        origin.replace("127.0.0.1", "127.1"),
        origin.replace("127.0.0.1", "127.0.0.1."),
        String::new(),
    ];
    assert!(near_misses.len() >= 20);
    let mut scripts: Vec<_> = near_misses.iter().map(|name| metadata(name, &good)).collect();
    for place in [
        "http://192.0.2.1/keys",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "/keys",
        "",
        "http://a.example/keys",
        "http://u:p@127.0.0.1/keys",
        "http://0.0.0.0/keys",
    ] {
        scripts.push(metadata(origin, place));
    }
    for body in [
        format!(r#"{{"issuer":"{origin}"}}"#),
        format!(r#"{{"jwks_uri":"{good}"}}"#),
        format!(r#"{{"issuer":["{origin}"],"jwks_uri":"{good}"}}"#),
        format!(r#"{{"issuer":"{origin}","jwks_uri":["{good}"]}}"#),
        format!(r#"{{"issuer":"x","issuer":"{origin}","jwks_uri":"{good}"}}"#),
        format!(r#"[{{"issuer":"{origin}","jwks_uri":"{good}"}}]"#),
        "<html></html>".to_owned(),
        String::new(),
    ] {
        scripts.push(json(&body));
    }
    scripts.push(answer(
        "302 Found",
        &format!("location: {}/.well-known/openid-configuration\r\n", trap.origin),
        "",
    ));
    for acts in scripts {
        issuer.says(acts);
        assert_eq!(fate(&issuer.discovered(), &key, NOON).await, Fate::Unknown);
    }
    issuer.says(vec![Act::Hang]);
    assert_eq!(at_the_deadline(&issuer, fate(&issuer.discovered(), &key, NOON)).await, Fate::Unknown);
    assert_eq!(trap.fetches(), 0);
    // The same with everything right, so that the above cannot pass for another reason.
    issuer.says(metadata(origin, &good));
    assert_eq!(fate(&issuer.discovered(), &key, NOON).await, Fate::Verified);
    assert_eq!(trap.fetches(), 1);
}

#[test]
fn addresses_are_https() {
    assert!(RemoteJwks::new("https://issuer.example/jwks.json").is_ok());
    assert!(RemoteJwks::discover("https://issuer.example").is_ok());
    for bad in [
        "http://issuer.example/jwks.json",
        "http://127.0.0.1/jwks.json",
        "issuer.example",
        "ftp://issuer.example",
        "",
    ] {
        for refused in [RemoteJwks::new(bad), RemoteJwks::discover(bad)] {
            assert_eq!(refused.unwrap_err().kind(), JwksErrorKind::Address, "{bad}");
        }
    }
    for bad in ["http://issuer.example/", "http://10.0.0.1/", "file:///etc/passwd"] {
        for refused in [RemoteJwks::insecure_loopback(bad), RemoteJwks::insecure_loopback_discover(bad)] {
            assert_eq!(refused.unwrap_err().kind(), JwksErrorKind::Address, "{bad}");
        }
    }
}

/// RSA keys without `alg` are for RS256, or for what is configured.
#[tokio::test]
async fn rsa_keys_that_name_no_algorithm() {
    let rsa = SigningKey::generate(Algorithm::PS256).unwrap().with_kid("r");
    let mut jwk: serde_json::Value = serde_json::from_str(&rsa.to_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let issuer = Issuer::new(json(&serde_json::json!({"keys": [jwk]}).to_string())).await;
    assert_eq!(fate(&issuer.keys(), &rsa, NOON).await, Fate::Refused);
    assert_eq!(fate(&issuer.keys().with_rsa_algorithm(Algorithm::PS256), &rsa, NOON).await, Fate::Verified);
}

#[test]
#[should_panic(expected = "ES256 is not an algorithm of RSA keys")]
fn the_algorithm_of_rsa_keys_is_one() {
    let _ = RemoteJwks::new("https://issuer.example/").unwrap().with_rsa_algorithm(Algorithm::ES256);
}
