//! What `PasswordHasher` promises: hashes that others can read, and equal answers. That an unknown user costs the same work, and
//! that no more is computed than allowed, is counted beside the code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Auth, AuthError, AuthErrorKind, AuthLayer, Basic, Identity, KeyRing, TicketCookie,
    identity::{Password, PasswordErrorKind, PasswordHasher, PasswordMatch},
};
use axum::{
    Router,
    http::{Request, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support;

/// As cheap as Argon2 gets: these tests are not about guessing.
fn cheap() -> PasswordHasher {
    PasswordHasher::new().with_costs(8, 1, 1).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

async fn verify(passwords: &PasswordHasher, text: &str, stored: Option<&str>) -> PasswordMatch {
    passwords.verify(&password(text), stored).await.unwrap()
}

#[tokio::test]
async fn the_right_password_is_found_and_no_other() {
    let passwords = PasswordHasher::new();
    let stored = passwords.hash(&password("pässword ☂")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    let found = verify(&passwords, "pässword ☂", Some(&stored)).await;
    assert!(found.is_match() && !found.needs_rehash());
    let passwords = cheap();
    let stored = passwords.hash(&password("right")).await.unwrap();
    for wrong in ["", "righ", "right ", "Right", "right\0", &"x".repeat(1024)] {
        let found = verify(&passwords, wrong, Some(&stored)).await;
        assert!(!found.is_match() && !found.needs_rehash(), "{wrong}");
    }
    assert!(!verify(&passwords, "right", None).await.is_match());
    let again = passwords.hash(&password("right")).await.unwrap();
    assert_ne!(again, stored, "each has a salt of its own");
    let error = passwords.hash(&password("")).await.unwrap_err();
    assert_eq!(error.kind(), PasswordErrorKind::Empty);
    assert_eq!(AuthError::from(error).status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn hashes_with_other_parameters_are_accepted_and_reported() {
    let now = cheap();
    for stored in [
        cheap().with_costs(16, 1, 1).unwrap().hash(&password("right")).await.unwrap(),
        cheap().with_costs(8, 2, 1).unwrap().hash(&password("right")).await.unwrap(),
        cheap().with_costs(16, 1, 2).unwrap().hash(&password("right")).await.unwrap(),
    ] {
        let found = verify(&now, "right", Some(&stored)).await;
        assert!(found.is_match() && found.needs_rehash(), "{stored}");
        let found = verify(&now, "wrong", Some(&stored)).await;
        assert!(!found.is_match() && !found.needs_rehash(), "{stored}");
    }
    // Of other variants of Argon2, as the reference implementation writes them.
    for stored in [
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ] {
        let found = verify(&now, "password", Some(stored)).await;
        assert!(found.is_match() && found.needs_rehash(), "{stored}");
    }
}

#[tokio::test]
async fn a_malformed_hash_is_an_error_and_never_a_match() {
    let good = cheap().hash(&password("x")).await.unwrap();
    let no_hash = good.rsplit_once('$').unwrap().0;
    for stored in ["", "x", "$", "$2b$12$abcdefghijklmnopqrstuv", no_hash, "$argon2id$v=19$m=8,t=1,p=1"] {
        let error = cheap().verify(&password("x"), Some(stored)).await.unwrap_err();
        assert_eq!(error.kind(), PasswordErrorKind::Malformed, "{stored}");
        assert_eq!(AuthError::from(error).kind(), AuthErrorKind::Unavailable);
    }
}

#[test]
fn costs_that_argon2_does_not_know_are_refused() {
    for (memory, iterations, lanes) in [
        (7, 1, 1),
        (8, 0, 1),
        (8, 1, 0),
        (8, 1, 2),
        ((1 << 20) + 1, 1, 1),
        (8, 65, 1),
        (1 << 20, 1, 65),
        (u32::MAX, 1, 1),
    ] {
        let error = PasswordHasher::new().with_costs(memory, iterations, lanes).unwrap_err();
        assert_eq!(error.kind(), PasswordErrorKind::Parameters);
    }
    assert!(PasswordHasher::new().with_costs(1 << 20, 64, 64).is_ok());
    let shown = format!("{:?}", PasswordHasher::new().with_concurrency(0).with_waiting(3));
    assert_eq!(
        shown,
        "PasswordHasher { memory_kib: 19456, iterations: 2, lanes: 1, concurrency: 1, waiting: 3, .. }"
    );
}

#[test]
fn a_password_has_a_length_and_no_form() {
    assert!(Password::new("x".repeat(1024)).is_ok());
    assert_eq!(
        Password::new("x".repeat(1025)).unwrap_err().to_string(),
        "a password must not be longer than 1,024 bytes"
    );
    assert!(password("").is_empty() && !password(" ").is_empty());
    assert_eq!(password("a"), password("a"));
    assert_ne!(password("a"), password("A"));
    assert_eq!(
        format!("{:?} {:#?}", password("canary"), password("canary")),
        "Password([redacted]) Password([redacted])"
    );
}

// A log-in with a name and a password, and identical responses to all failures (user enumeration).
#[tokio::test]
async fn a_log_in_form_checks_a_password() {
    let passwords = cheap();
    let stored = passwords.hash(&password("right")).await.unwrap();
    let login = move |auth: Auth, form: String| {
        let (passwords, stored) = (passwords.clone(), stored.clone());
        async move {
            let (name, word) = form.split_once(' ').ok_or(AuthError::unauthenticated())?;
            let known = (name == "alice").then_some(&*stored);
            let word = Password::new(word).map_err(|_| AuthError::unauthenticated())?;
            if !passwords.verify(&word, known).await?.is_match() {
                return Err(AuthError::unauthenticated());
            }
            auth.remember(name).await
        }
    };
    let app = Router::new()
        .route("/login", post(login))
        .layer(AuthLayer::new(TicketCookie::new(KeyRing::random())));
    let send = |form: &'static str| support::send(&app, Request::post("/login").body(form.into()).unwrap());
    let answer = send("alice right").await;
    assert_eq!((answer.status, answer.cookies().len()), (StatusCode::OK, 1));
    let wrong = send("alice wrong").await;
    let unknown = send("bob right").await;
    assert_eq!((wrong.status, wrong.cookies().len()), (StatusCode::UNAUTHORIZED, 0));
    assert_eq!(
        (wrong.status, &wrong.headers, &wrong.body),
        (unknown.status, &unknown.headers, &unknown.body)
    );
}

#[tokio::test]
async fn basic_credentials_are_checked_against_hashes() {
    let passwords = cheap();
    let stored = passwords.hash(&password("right")).await.unwrap();
    let policy = Basic::new(move |name: String, word: Password| {
        let (passwords, stored) = (passwords.clone(), stored.clone());
        async move {
            let known = (name == "alice").then_some(&*stored);
            let found = passwords.verify(&word, known).await?;
            Ok(if found.is_match() { Some(Identity::new(name)?) } else { None })
        }
    });
    let app = Router::new()
        .route("/", post(|user: auth_runtime::UserId| async move { user.to_string() }))
        .layer(AuthLayer::new(policy));
    for (text, status) in [("alice:right", 200), ("alice:wrong", 401), ("bob:right", 401)] {
        let request = Request::post("/").header("authorization", format!("Basic {}", STANDARD.encode(text)));
        assert_eq!(support::ask(&app, request).await.status.as_u16(), status, "{text}");
    }
}
