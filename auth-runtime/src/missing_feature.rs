//! Names the feature that brings a module which is switched off, when one of its names is used.
//!
//! The names are those of the module that the feature brings.

#[cfg(not(feature = "audit"))]
#[doc(hidden)]
pub mod audit {
    auth_identity::names_of_feature!(
        FeatureAudit: AuditError AuditErrorKind AuditHead AuditLog AuditReport AuditRotation
    );
}

#[cfg(not(feature = "jwt"))]
#[doc(hidden)]
pub mod jwt {
    auth_identity::names_of_feature!(
        FeatureJwt:
            AccessToken Algorithm AuthorizationHeader BearerJwt ClaimGroups CookieToken Dpop
            FamilyId Found Grant IssueError IssueErrorKind IssuedToken JwkSetError JwtConfigError
            JwtConfigErrorKind JwtError JwtErrorKind JwtIssuer JwtKeyError JwtKeyErrorKind
            JwtSigner JwtVerifier KeySet MemoryRefreshStore MemoryReplayCache Presented
            RedisRefreshStore RedisReplayCache RefreshError RefreshErrorKind RefreshFamily
            RefreshToken RefreshTokens Refreshed RemoteJwks RingKeys SigningKey TokenHash
            TokenResponse TokenSalt TokenUse UnknownAlgorithm VerifiedClaims VerifyingKey
            WebSocketProtocol WebSocketQuery;
        traits IdentityMapper KeySource RefreshStore ReplayCache TokenGetter
    );
}

#[cfg(not(feature = "key-store"))]
#[doc(hidden)]
pub mod key_store {
    auth_identity::names_of_feature!(
        FeatureKeyStore:
            FileKeyStore KeepFresh KeyStoreError KeyStoreErrorKind MemoryKeyStore PostgresKeyStore
            RedisKeyStore SharedKeyRing SqliteKeyStore StoredKeys;
        traits KeyStore
    );
}

#[cfg(not(feature = "throttle"))]
#[doc(hidden)]
pub mod throttle {
    auth_identity::names_of_feature!(
        FeatureThrottle: Attempt Counter Limit MemoryThrottle RedisThrottle Standing Throttle ThrottleKey;
        traits ThrottleStore
    );
}

#[cfg(test)]
mod tests {
    const HERE: &str = include_str!("missing_feature.rs");

    /// Returns the names that a module of a feature exports, as it is written.
    fn exported(source: &str) -> Vec<&str> {
        let (code, _) = source.split_once("\n#[cfg(doctest)]").unwrap_or((source, ""));
        let uses =
            code.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(list, _)| list);
        let words = uses.flat_map(|list| list.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.filter(|word| word.starts_with(|c: char| c.is_uppercase())).collect()
    }

    #[test]
    fn each_name_of_a_module_is_there() {
        let modules = [
            ("audit", include_str!("../../auth-identity/src/audit/mod.rs")),
            ("jwt", include_str!("../../auth-jwt/src/lib.rs")),
            ("key_store", include_str!("../../auth-identity/src/key_store/mod.rs")),
            ("throttle", include_str!("../../auth-identity/src/throttle/mod.rs")),
        ];
        for (module, source) in modules {
            let (_, rest) = HERE.split_once(&format!("pub mod {module} {{")).unwrap();
            let (names, _) = rest.split_once("\n}").unwrap();
            let names: Vec<&str> = names.split_whitespace().map(|name| name.trim_end_matches(';')).collect();
            let found = exported(source);
            assert!(found.len() > 3, "the exports of `{module}` are read");
            for name in found {
                assert!(names.contains(&name), "`{module}` lacks `{name}`, which the feature brings");
            }
        }
    }
}
