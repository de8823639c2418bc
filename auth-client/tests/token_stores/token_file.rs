//! Token files: private to their owner, intact at every moment, one process at a time.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it finds what it does not expect"
)]
#![cfg(unix)]

use std::{
    env,
    fs::{self, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use auth_client::{
    Authorizer as _, Environment, Error, ErrorKind, FileStore, Payload, RequestTemplate, StoreKey,
    TemplateGrant, Token, TokenAuthorizer, TokenCipher, TokenStore as _, TokenWireFormat,
};
use axum::{Router, routing::post};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::Aead as _};
use http::Method;
use secrecy::ExposeSecret as _;

fn key() -> StoreKey {
    StoreKey::of(&["issuer", "client", "alice"])
}

fn token(text: &str) -> Token {
    let json = format!(
        r#"{{"access_token":"{text}","refresh_token":"r\"\\{text}","id_token":"i","expires_in":3600,"scope":"a b","x":{{"y":[1]}}}}"#
    );
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    Token::from_json(json.as_bytes(), now, &TokenWireFormat::default()).unwrap()
}

async fn text(store: &FileStore) -> Option<String> {
    store.load(&key()).await.unwrap().map(|token| token.access_token().expose_secret().to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// A temporary folder, and a path in folders that do not exist yet.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/tok.response");
    (folder, path)
}

/// Runs one of the tests below in a separate process, with a job from its environment.
fn child(test: &str, job: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", &format!("token_file::{test}"), "--nocapture", "--test-threads=1"])
        .env("AUTH_CLIENT_JOB", job);
    command
}

fn job() -> Option<String> {
    env::var("AUTH_CLIENT_JOB").ok()
}

#[tokio::test]
async fn what_is_saved_is_loaded() {
    let (_folder, path) = place();
    let store = FileStore::new(&path);
    assert!(store.load(&key()).await.unwrap().is_none());
    let saved = token("one");
    store.save(&key(), &saved).await.unwrap();
    // The path is used as given.
    assert!(path.exists());
    let loaded = store.load(&key()).await.unwrap().unwrap();
    assert_eq!(loaded.access_token().expose_secret(), "one");
    assert_eq!(loaded.refresh_token().unwrap().expose_secret(), "r\"\\one");
    assert_eq!((loaded.granted_at(), loaded.expires_at()), (saved.granted_at(), saved.expires_at()));
    assert_eq!((loaded.scopes(), loaded.extra("x")), (saved.scopes(), saved.extra("x")));
    store.remove(&key()).await.unwrap();
    store.remove(&key()).await.unwrap();
    assert!(store.load(&key()).await.unwrap().is_none());
}

// Mode 0600 in 0700, regardless of the umask.
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    if let Some(path) = job() {
        let store = FileStore::new(path);
        let _lock = store.lock(&key()).await.unwrap();
        return store.save(&key(), &token("one")).await.unwrap();
    }
    for mask in ["000", "022", "077"] {
        let (folder, path) = place();
        let own = child("the_file_is_its_owners_alone", path.to_str().unwrap());
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("umask {mask}; exec \"$@\""))
            .arg("sh")
            .arg(own.get_program())
            .args(own.get_args());
        assert!(shell.env("AUTH_CLIENT_JOB", &path).stdout(Stdio::null()).status().unwrap().success());
        assert_eq!(mode(&path), 0o600, "umask {mask}");
        assert_eq!(mode(&path.with_file_name("tok.response.lock")), 0o600, "umask {mask}");
        for above in [folder.path().join("a"), folder.path().join("a/b")] {
            assert_eq!(mode(&above) & 0o077, 0, "umask {mask}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_safe_is_refused() {
    let (folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    for loose in [0o604, 0o640, 0o644, 0o660, 0o666, 0o620, 0o602] {
        fs::set_permissions(&path, Permissions::from_mode(loose)).unwrap();
        let error = store.load(&key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage, "{loose:o}");
        assert!(
            error.to_string().ends_with("can be read or written by others; run `chmod 600` on it"),
            "{error}"
        );
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(text(&store).await.unwrap(), "one");

    let other = folder.path().join("other");
    fs::hard_link(&path, &other).unwrap();
    assert!(store.load(&key()).await.unwrap_err().to_string().contains("second name"));
    fs::remove_file(&path).unwrap();
    symlink(&other, &path).unwrap();
    assert!(store.load(&key()).await.unwrap_err().to_string().contains("symbolic link"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(store.load(&key()).await.unwrap_err().to_string().contains("not a regular file"));
    fs::remove_dir(&path).unwrap();
    // A pipe without a writer is rejected at once and does not block.
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
    let asked = tokio::time::timeout(Duration::from_secs(10), store.load(&key())).await.unwrap();
    assert!(asked.unwrap_err().to_string().contains("not a regular file"));
    fs::remove_file(&path).unwrap();

    // A link in place of the file is replaced, and its target is not changed.
    symlink(&other, &path).unwrap();
    let before = fs::read(&other).unwrap();
    store.save(&key(), &token("two")).await.unwrap();
    assert!(!fs::symlink_metadata(&path).unwrap().is_symlink() && fs::read(&other).unwrap() == before);
    assert_eq!(text(&store).await.unwrap(), "two");

    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o777)).unwrap();
    let error = FileStore::new(shared.join("token")).save(&key(), &token("x")).await.unwrap_err();
    assert!(error.to_string().contains("can be changed by everybody"), "{error}");
    let link = folder.path().join("a/b/tok.response.lock");
    symlink(&other, &link).unwrap();
    assert_eq!(store.lock(&key()).await.unwrap_err().kind(), ErrorKind::Storage);
}

#[tokio::test]
async fn a_file_of_another_user_is_rejected() {
    let (_folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    // Only a superuser can give files away; other users find one that is not theirs.
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_ok() {
        let error = store.load(&key()).await.unwrap_err();
        assert!(error.to_string().contains("belongs to another user"), "{error}");
    } else {
        let error = FileStore::new("/etc/passwd").load(&key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
    }
}

// A file that cannot be parsed counts as absent and is replaced by the next token.
#[tokio::test]
async fn a_damaged_file_is_none() {
    let (_folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    let whole = fs::read(&path).unwrap();
    let text_of =
        |change: &dyn Fn(String) -> String| change(String::from_utf8(whole.clone()).unwrap()).into_bytes();
    let mut damaged = vec![
        Vec::new(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"\xff\xfe".to_vec(),
        vec![b'['; 100_000],
        vec![b' '; 2_000_000],
        br#"{"a":"#.repeat(50_000),
        text_of(&|text| text.replace("\"version\": 1", "\"version\": 2")),
        text_of(&|text| text.replace("\"version\": 1", "\"version\": \"1\"")),
        text_of(&|text| text.replace("\"access_token\": \"one\"", "\"access_token\": \"\"")),
        text_of(&|text| text.replace("\"access_token\": \"one\"", "\"access_token\": \"a\\nb\"")),
        text_of(&|text| text.replace("\"access_token\": \"one\"", "\"access_token\": 5")),
        text_of(&|text| text.replace("\"version\": 1", "\"version\": 1, \"unknown\": 1")),
        text_of(&|text| text.replace("\"version\": 1", "\"version\": 1, \"version\": 1")),
        text_of(&|text| text.replace("1700000000", "18446744073709551615")),
    ];
    damaged.extend((1..whole.len()).map(|length| whole[..whole.len() - length].to_vec()));
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        assert!(
            store.load(&key()).await.unwrap().is_none(),
            "{}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(99)])
        );
    }
    store.save(&key(), &token("two")).await.unwrap();
    assert_eq!(text(&store).await.unwrap(), "two");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_input_panics_or_becomes_a_token(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let (_folder, path) = place();
        let store = FileStore::new(&path);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            store.save(&key(), &token("one")).await.unwrap();
            fs::write(&path, &bytes).unwrap();
            assert!(store.load(&key()).await.unwrap().is_none());
        });
    }
}

// The key is in the file, and account names are in no path (path traversal).
#[tokio::test]
async fn a_file_belongs_to_its_key() {
    let (folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    assert!(store.load(&StoreKey::of(&["issuer", "client", "bob"])).await.unwrap().is_none());

    let many = FileStore::in_folder(folder.path().join("many"));
    let names = [
        "alice",
        "bob",
        "../../etc/passwd",
        "/etc/passwd",
        "a\0b",
        "..",
        ".",
        "",
        "CON",
        "a/b",
        "ä",
        &"x".repeat(5000),
    ];
    for name in names {
        many.save(&StoreKey::of(&[name]), &token(&format!("t{}", name.len()))).await.unwrap();
    }
    for name in names {
        let found = many.load(&StoreKey::of(&[name])).await.unwrap().unwrap();
        assert_eq!(found.access_token().expose_secret(), format!("t{}", name.len()));
    }
    let files: Vec<String> = fs::read_dir(folder.path().join("many"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files.len(), names.len());
    assert!(files.iter().all(|name| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())));
}

struct Aead(ChaCha20Poly1305);

impl TokenCipher for Aead {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; 12];
        getrandom::fill(&mut nonce).unwrap();
        let sealed =
            self.0.encrypt(&nonce.into(), plain).map_err(|_| Error::storage("the token cannot be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(12)?;
        self.0.decrypt(nonce.try_into().ok()?, sealed).ok()
    }
}

#[tokio::test]
async fn a_cipher_hides_the_file() {
    let (_folder, path) = place();
    let cipher = |key: u8| Aead(ChaCha20Poly1305::new(&[key; 32].into()));
    let store = FileStore::new(&path).with_cipher(cipher(1));
    store.save(&key(), &token("CANARY")).await.unwrap();
    assert!(!String::from_utf8_lossy(&fs::read(&path).unwrap()).contains("CANARY"));
    assert_eq!(text(&store).await.unwrap(), "CANARY");
    assert!(text(&FileStore::new(&path).with_cipher(cipher(2))).await.is_none());
    assert!(text(&FileStore::new(&path)).await.is_none());
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(text(&store).await.is_none());
    assert!(!format!("{store:?}").contains("CANARY"));
}

// A process killed at any moment leaves the old or the new token, and the next writer removes its temporary
// files.
#[tokio::test]
async fn a_killed_writer_tears_nothing() {
    if let Some(path) = job() {
        let store = FileStore::new(path);
        println!("begun");
        loop {
            for text in ["one", "two"] {
                let _lock = store.lock(&key()).await.unwrap();
                store.save(&key(), &token(text)).await.unwrap();
            }
        }
    }
    let (folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    for nth in 0..40_u64 {
        let mut process = child("a_killed_writer_tears_nothing", path.to_str().unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("begun") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0);
        }
        std::thread::sleep(Duration::from_micros(500 + nth * 137));
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(["one", "two"].contains(&text(&store).await.unwrap().as_str()));
    }
    let _lock = tokio::time::timeout(Duration::from_secs(10), store.lock(&key())).await.unwrap().unwrap();
    store.save(&key(), &token("three")).await.unwrap();
    let mut names: Vec<_> =
        fs::read_dir(folder.path().join("a/b")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["tok.response", "tok.response.lock"], "nothing is left behind");
}

// A full disk.
#[tokio::test]
async fn a_full_disk_costs_nothing_but_the_new_token() {
    if let Some(path) = job() {
        let error = FileStore::new(path).save(&key(), &token("two")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.to_string().ends_with("cannot be written"), "{error}");
        return;
    }
    let (folder, path) = place();
    let store = FileStore::new(&path);
    store.save(&key(), &token("one")).await.unwrap();
    // Files may not grow: writing fails as with a full disk.
    let own = child("a_full_disk_costs_nothing_but_the_new_token", "");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(own.get_program())
        .args(own.get_args());
    let output = shell.env("AUTH_CLIENT_JOB", &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(text(&store).await.unwrap(), "one");
    let left = fs::read_dir(folder.path().join("a/b")).unwrap().count();
    assert_eq!(left, 1, "no half-written file is left");
    // A place where nothing can be written.
    for place in ["/proc/nothing/token", "/dev/null/token"] {
        let error = FileStore::new(place).save(&key(), &token("x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage, "{place}");
    }
}

/// A server whose refresh tokens are for one use; reuse revokes the family.
#[derive(Default)]
struct Rotating {
    issued: u64,
    refreshes: u64,
    reused: u64,
    good: Option<String>,
}

async fn rotating() -> (String, Arc<Mutex<Rotating>>) {
    let state: Arc<Mutex<Rotating>> = Arc::default();
    let shared = Arc::clone(&state);
    let answer = move |body: String| {
        let shared = Arc::clone(&shared);
        async move {
            // Long enough for other requests to overlap.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let mut state = shared.lock().unwrap();
            let form: std::collections::HashMap<_, _> =
                url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            if let Some(refresh_token) = form.get("refresh_token") {
                state.refreshes += 1;
                if state.good.as_ref() != Some(refresh_token) {
                    state.reused += 1;
                    return (http::StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#.to_owned());
                }
            }
            state.issued += 1;
            let nth = state.issued;
            state.good = Some(format!("r{nth}"));
            let body = format!(r#"{{"access_token":"t{nth}","refresh_token":"r{nth}","expires_in":3600}}"#);
            (http::StatusCode::OK, body)
        }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(post(answer))).await });
    (address, state)
}

fn authorizer(address: &str, path: &str) -> TokenAuthorizer<TemplateGrant> {
    let template = |kind: &str| {
        RequestTemplate::new(Method::POST, address)
            .unwrap()
            .with_payload(Payload::Form)
            .with_value("grant_type", kind)
    };
    let grant = TemplateGrant::new(template("first"), Environment::new().unwrap())
        .with_refresh(template("refresh_token"));
    TokenAuthorizer::new(grant).with_store(FileStore::new(path))
}

// Many processes, one refresh token: each token is used once, and none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_take_turns() {
    if let Some(job) = job() {
        let [address, path, rounds] = job.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let authorizer = authorizer(address, path);
        for _ in 0..rounds.parse::<u32>().unwrap() {
            let credentials = authorizer.authorize().await.unwrap();
            authorizer.reject(&credentials).await;
        }
        authorizer.authorize().await.unwrap();
        return;
    }
    let (address, state) = rotating().await;
    let (_folder, path) = place();
    let path = path.to_str().unwrap();
    let run = |rounds: u32| {
        let processes: Vec<_> = (0..8)
            .map(|_| {
                let job = format!("{address} {path} {rounds}");
                child("processes_take_turns", &job).stdout(Stdio::null()).spawn().unwrap()
            })
            .collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
    };
    // No token yet: eight processes, one request.
    tokio::task::block_in_place(|| run(0));
    assert_eq!(state.lock().unwrap().issued, 1);

    // An expired token: eight processes, one refresh.
    let text = fs::read_to_string(path).unwrap();
    let granted = text.lines().find(|line| line.contains("granted_at")).unwrap();
    fs::write(path, text.replace(granted, "  \"granted_at\": 1000000000,")).unwrap();
    tokio::task::block_in_place(|| run(0));
    assert_eq!(state.lock().unwrap().issued, 2);
    assert_eq!(state.lock().unwrap().refreshes, 1);

    // Each discards its token repeatedly.
    tokio::task::block_in_place(|| run(25));
    let state = state.lock().unwrap();
    assert_eq!(state.reused, 0, "no refresh token was used twice");
    assert!(state.refreshes >= 26 && state.refreshes <= 201, "{}", state.refreshes);
    std::io::stdout().flush().unwrap();
}
