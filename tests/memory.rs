//! Secrets are gone from this process's memory when what held them is dropped.
//!
//! A secret that is looked for is kept masked, or looking would find what looks.

#![cfg(target_os = "linux")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    fs::{self, File},
    hint::black_box,
    os::unix::fs::FileExt as _,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use auth_client::{
    ApiKeyAuthorizer, Authorizer as _, BasicAuthorizer, BearerAuthorizer, ClientCredentials, Encoding,
    FileStore, OAuthClient, Provider, StoreKey, Token, TokenAuthorizer, TokenStore as _, TokenWireFormat,
};
use auth_runtime::{
    Basic, BoxError, EncryptedCookie, Identity, IdentityPolicy as _, Key, KeyRing, LoginOptions,
    TicketCookie,
    clock::UnixTime,
    identity::{ApiKeyRecord, ChangeContext, Identified, Incoming, Password, PasswordHasher},
    jwt::{Grant, MemoryRefreshStore, RefreshTokens, SigningKey},
    ticket::{Ticket, TicketScope, TicketSealer, legacy::LegacyTickets},
};
use axum::http::{HeaderMap, Request};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::runtime::Builder;
use zeroize::Zeroizing;

const NOON: UnixTime = UnixTime::from_secs(1_700_000_000);
/// So many bytes in a row are no accident.
const PIECE: usize = 16;

/// A secret, masked.
struct Needle {
    masked: Vec<u8>,
    mask: Vec<u8>,
}

impl Needle {
    fn of(secret: &[u8]) -> Self {
        let mut mask = vec![0; secret.len()];
        getrandom::fill(&mut mask).unwrap();
        let masked = secret.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
        Self { masked, mask }
    }

    /// How often a piece of the secret is in the memory that this process can write. Allocators write over the first bytes
    /// of what is given back, so each piece is looked for by itself.
    fn hits(&self) -> usize {
        reuse_stack(32);
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut buffer = Zeroizing::new(vec![0; 1 << 20]);
        let mut hits = 0;
        for line in
            maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")))
        {
            let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let [mut at, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            while at < end {
                let length = usize::try_from(end - at).unwrap().min(buffer.len());
                // Other threads may give memory back meanwhile.
                let Ok(length) = memory.read_at(&mut buffer[..length], at) else { break };
                hits += self.pieces_in(&buffer[..length]);
                at += u64::try_from(length).unwrap();
                if at < end {
                    // A piece may lie across the border.
                    at -= u64::try_from(self.masked.len().min(length / 2)).unwrap();
                }
            }
        }
        hits
    }

    /// The same without its first pieces.
    fn without(&self, first: usize) -> Self {
        let rest = |bytes: &[u8]| bytes[first * PIECE..].to_vec();
        Self { masked: rest(&self.masked), mask: rest(&self.mask) }
    }

    fn pieces_in(&self, memory: &[u8]) -> usize {
        let starts: Vec<usize> = (0..=self.masked.len() - PIECE).step_by(PIECE).collect();
        let mut is_first = [false; 256];
        for start in &starts {
            is_first[usize::from(self.masked[*start] ^ self.mask[*start])] = true;
        }
        let mut pieces = 0;
        for (at, byte) in memory.iter().enumerate() {
            if is_first[usize::from(*byte)] {
                let rest = &memory[at..];
                pieces += starts.iter().filter(|start| self.is_piece(**start, rest)).count();
            }
        }
        pieces
    }

    fn is_piece(&self, start: usize, memory: &[u8]) -> bool {
        memory.len() >= PIECE
            && (0..PIECE).all(|at| memory[at] ^ black_box(self.mask[start + at]) == self.masked[start + at])
    }
}

/// Writes over what functions that have returned left on the stack, as later calls do sooner or later. Only
/// instructions of hashes leave anything there, and they are not ours.
fn reuse_stack(frames: usize) {
    black_box([0_u8; 8 * 1024]);
    if frames > 0 {
        reuse_stack(frames - 1);
    }
}

/// A random text of 112 letters and digits, wiped when it is dropped, and what finds it. No hash takes it in whole blocks, so
/// what is kept between two of them is looked for, too.
fn secret() -> (Zeroizing<String>, Needle) {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = Zeroizing::new([0; 112]);
    getrandom::fill(random.as_mut_slice()).unwrap();
    let mut text = Zeroizing::new(String::with_capacity(random.len()));
    text.extend(random.iter().map(|byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])));
    let needle = Needle::of(text.as_bytes());
    assert!(needle.hits() >= text.len() / PIECE, "what is there is found");
    (text, needle)
}

/// Who looks has a copy of what is looked at, so one looks at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lends a secret, and looks for it when the borrower is done: nothing of it is left.
#[track_caller]
fn assert_gone(lend: impl FnOnce(&str)) {
    let (text, needle) = secret();
    lend(&text);
    drop(text);
    assert_eq!(needle.hits(), 0);
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

// What makes keys is not kept, through the life of a ring.
#[test]
fn secrets_of_keys_are_gone() {
    let _turn = turn();
    assert_gone(|text| {
        let ring = KeyRing::new(Key::from_bytes(text).unwrap());
        let scope = TicketScope { purpose: "identity", application: "", name: "auth" };
        let sealer = TicketSealer::new(ring.clone(), &scope);
        let ticket = Ticket::new(Identity::new("alice").unwrap(), NOON, NOON);
        sealer.open(sealer.seal(&ticket, None).unwrap(), None).unwrap();
        ring.rotate_to(Key::random().unwrap()).unwrap();
        sealer.seal(&ticket, None).unwrap();
    });
    assert_gone(|text| drop(Key::from_base64(text).unwrap()));
    let (text, _) = secret();
    let bytes = Zeroizing::new(STANDARD.decode(text.as_bytes()).unwrap());
    let needle = Needle::of(&bytes);
    drop(bytes);
    drop(Key::from_base64(&text).unwrap());
    drop(text);
    assert_eq!(needle.hits(), 0);
    assert_gone(|text| {
        let ticket = format!("{:0128}656e0000alice!!", 0);
        LegacyTickets::new(text, Duration::from_mins(1)).open(&ticket, None).unwrap_err();
    });
    assert_gone(|text| {
        let key = SigningKey::hs256(text).unwrap();
        let signature = key.sign(b"a.b").unwrap();
        assert!(key.verifying_key().verify(b"a.b", &signature));
    });
}

/// What a key keeps in the place of its secret (RFC 5869, section 2.2).
fn extracted(secret: &str) -> Needle {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"auth-runtime/master/v1").unwrap();
    mac.update(secret.as_bytes());
    let bytes = Zeroizing::new(mac.finalize().into_bytes().0);
    Needle::of(bytes.as_slice())
}

// Nor is what a key keeps of it, when the last ring with it is gone.
#[test]
fn keys_are_gone() {
    let _turn = turn();
    let (text, _) = secret();
    let needle = extracted(&text);
    assert_eq!(needle.hits(), 0);
    let ring = KeyRing::new(Key::from_bytes(text.as_str()).unwrap());
    let (tickets, cookies) = (TicketCookie::new(ring.clone()), EncryptedCookie::new(ring.clone()));
    let nobody = Identified::anonymous();
    let context = ChangeContext::new(NOON, &nobody);
    let alice = Identity::new("alice").unwrap();
    wait(tickets.remember(&context, &alice, &LoginOptions::new())).unwrap();
    wait(cookies.remember(&context, &alice, &LoginOptions::new())).unwrap();
    assert!(needle.hits() > 0, "what is there is found");
    let old = ring.keys()[0].0;
    ring.rotate_to(Key::random().unwrap()).unwrap();
    ring.retire(old).unwrap();
    drop((tickets, cookies, ring));
    assert_eq!(needle.hits(), 0);
}

#[test]
fn passwords_are_gone() {
    let _turn = turn();
    assert_gone(|text| {
        let passwords = PasswordHasher::new().with_costs(64, 1, 1).unwrap();
        wait(async {
            let hash = passwords.hash(&Password::new(text).unwrap()).await.unwrap();
            assert!(passwords.verify(&Password::new(text).unwrap(), Some(&hash)).await.is_ok());
            assert!(passwords.verify(&Password::new(text).unwrap(), None).await.is_ok());
        });
    });
    assert_gone(|text| {
        let basic =
            Basic::new(|name: String, _: Password| async { Ok::<_, BoxError>(Some(Identity::new(name)?)) });
        let pair = Zeroizing::new(format!("alice:{text}"));
        let header = format!("Basic {}", STANDARD.encode(pair.as_bytes()));
        let (parts, ()) = Request::get("/").header("authorization", header).body(()).unwrap().into_parts();
        let found = wait(basic.identify(&Incoming::new(&parts, None, NOON)).into_future()).unwrap();
        assert_eq!(found.identity().unwrap(), "alice");
    });
}

#[test]
fn what_is_handed_out_once_is_gone() {
    let _turn = turn();
    let alice = || Identity::new("alice").unwrap();
    let (key, record) = ApiKeyRecord::issue("shop", alice(), NOON).unwrap();
    let needle = Needle::of(key.expose().as_bytes());
    assert!(needle.hits() > 0);
    drop(key);
    // The prefix and the id are no secrets, and the record has the id: all pieces from the third on are.
    assert_eq!(needle.without(2).hits(), 0);
    assert_eq!(record.owner(), &alice());

    let tokens = RefreshTokens::new(MemoryRefreshStore::new());
    let token = wait(tokens.start(Grant::new("alice", "https://api.example").unwrap())).unwrap();
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(token.as_str()).unwrap());
    // Its first 16 bytes are the family's name, which is kept.
    let needles = [Needle::of(token.as_str().as_bytes()).without(2), Needle::of(&bytes).without(1)];
    drop(bytes);
    assert!(needles[0].hits() > 0);
    wait(tokens.refresh(token.as_str(), None)).unwrap();
    drop(token);
    assert_eq!(needles.map(|needle| needle.hits()), [0, 0]);
}

#[test]
fn credentials_for_requests_are_gone() {
    let _turn = turn();
    assert_gone(|text| drop(wait(BearerAuthorizer::new(text).unwrap().authorize()).unwrap()));
    assert_gone(|text| drop(wait(ApiKeyAuthorizer::new("x-api-key", text).unwrap().authorize()).unwrap()));
    assert_gone(|text| drop(wait(BasicAuthorizer::new("alice", text).unwrap().authorize()).unwrap()));
    assert_gone(|text| {
        drop(
            wait(BasicAuthorizer::with_encoding("alice", text, Encoding::Latin1).unwrap().authorize())
                .unwrap(),
        );
    });
    // Without a request: the library that writes one has copies of its own.
    assert_gone(|text| {
        let provider = Provider::new("https://login.example.com/token").unwrap();
        let client = OAuthClient::new(provider, "billing").unwrap().with_secret(text);
        drop(TokenAuthorizer::new(ClientCredentials::new(client)));
    });
    // What is sent of a name and a password.
    let (text, _) = secret();
    let authorizer = BasicAuthorizer::new("alice", text.as_str()).unwrap();
    let needle = Needle::of(wait(authorizer.authorize()).unwrap().headers()["authorization"].as_bytes());
    let mut headers = HeaderMap::new();
    wait(authorizer.authorize()).unwrap().apply(&mut headers);
    assert!(needle.hits() > 0);
    drop((authorizer, headers));
    assert_eq!(needle.hits(), 0);
}

#[test]
fn tokens_are_gone() {
    let _turn = turn();
    let read = |json: &str| {
        Token::from_json(json.as_bytes(), SystemTime::UNIX_EPOCH, &TokenWireFormat::default()).unwrap()
    };
    for start in [
        r#"{"access_token":""#,
        r#"{"access_token":"a","refresh_token":""#,
        r#"{"access_token":"a","id_token":""#,
    ] {
        assert_gone(|text| {
            let json = Zeroizing::new([start, text, r#""}"#].concat());
            drop(TokenWireFormat::default().credentials(&read(&json)).unwrap());
        });
    }
    let folder = tempfile::tempdir().unwrap();
    assert_gone(|text| {
        let (store, key) = (FileStore::new(folder.path().join("token.json")), StoreKey::of(&["a"]));
        let json = Zeroizing::new(format!(r#"{{"access_token":"{text}"}}"#));
        wait(async {
            store.save(&key, &read(&json)).await.unwrap();
            assert!(store.load(&key).await.unwrap().is_some());
        });
    });
}
