//! JWK sets of issuers and configurations.

use std::collections::BTreeSet;

use auth_runtime::jwt::KeySet;
use serde_json::Value;

use super::json::Tree;

/// A set is strict JSON with at most 100 keys and unique members. A public set neither accepts nor publishes
/// secrets, and a published set parses to the same keys.
pub fn check(bytes: &[u8]) -> bool {
    let (public, secret) = (KeySet::from_jwks(bytes), KeySet::from_secret_jwks(bytes));
    assert!(public.is_err() || secret.is_err());
    for set in [&public, &secret].into_iter().flatten() {
        assert!(bytes.len() <= 256 * 1024);
        assert!(Tree::parse(bytes).is_some_and(|tree| tree.is_strict_object()));
        assert!(set.len() <= keys(bytes).len() && (1..=100).contains(&set.len()));
        let names: Vec<_> =
            set.iter().filter_map(|key| Some((key.kid()?, key.algorithm(), key.thumbprint()))).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
    if let Ok(set) = &public {
        let published = set.to_jwks();
        let again = KeySet::from_jwks(&published).unwrap();
        assert_eq!((again.len(), again.to_jwks()), (set.len(), published.clone()));
        for key in keys(published.as_bytes()) {
            assert!(
                ["k", "d", "p", "q", "dp", "dq", "qi", "oth"].iter().all(|member| key.get(member).is_none())
            );
        }
    }
    if let Ok(set) = &secret {
        assert!(keys(bytes).iter().all(|key| key["kty"] == "oct"));
        assert_eq!((set.to_jwks().as_str(), set.len()), ("{\"keys\":[]}", keys(bytes).len()));
    }
    public.is_ok() || secret.is_ok()
}

fn keys(bytes: &[u8]) -> Vec<Value> {
    let set: Value = serde_json::from_slice(bytes).unwrap();
    set["keys"].as_array().unwrap().clone()
}
