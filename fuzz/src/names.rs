//! Names of users, credentials and scopes.

use auth_runtime::{
    EncryptedCookie, Identity, IdentityPolicy, Key, KeyRing, LoginOptions, TicketCookie, UserId,
    identity::{ChangeContext, CredentialId, Identified, Scopes},
};
use axum::http::header::COOKIE;
use futures_util::FutureExt as _;

use super::request_parts::{NOON, identify, parts};

/// A valid name is one line of visible text, is valid for every kind of name, and survives each credential
/// byte for byte. Different lines are different names.
pub fn check(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (text, other) = text.split_once('\n').unwrap_or((text, ""));
    let identity = Identity::new(text);
    assert_eq!(identity.is_ok(), UserId::new(text).is_ok());
    assert_eq!(identity.is_ok(), CredentialId::new(text).is_ok());
    scopes(text);
    let Ok(identity) = identity else { return false };

    assert!((1..=255).contains(&text.len()) && text.trim() == text && text.lines().count() == 1);
    assert!(!text.contains(char::is_control));
    assert_eq!((identity.as_str(), UserId::new(text).unwrap().to_string().as_str()), (text, text));
    if let Ok(other) = Identity::new(other) {
        assert_eq!(identity == other, text == other.as_str());
    }
    let ring = KeyRing::new(Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap());
    assert_eq!(carried(&TicketCookie::new(ring.clone()), &identity), identity);
    assert_eq!(carried(&EncryptedCookie::new(ring), &identity), identity);
    true
}

/// Returns the user that the cookie of an identity authenticates.
fn carried(policy: &impl IdentityPolicy, identity: &Identity) -> Identity {
    let before = Identified::anonymous();
    let options = LoginOptions::new();
    let effects = policy
        .remember(&ChangeContext::new(NOON, &before), identity, &options)
        .now_or_never()
        .unwrap()
        .unwrap();
    let (_, cookie) = effects.headers().next().unwrap();
    let pair = cookie.as_bytes().split(|byte| *byte == b';').next().unwrap();
    identify(policy, &parts(&COOKIE, pair)).unwrap().identity().unwrap().clone()
}

/// A list of scopes is a set of tokens.
fn scopes(text: &str) {
    let Ok(scopes) = text.parse::<Scopes>() else { return };
    assert_eq!(scopes.to_string().parse::<Scopes>().as_ref(), Ok(&scopes));
    let mut words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    assert!(scopes.iter().eq(words));
}
