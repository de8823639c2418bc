//! Stores that fail while a provider logs a user out.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_login::{LoginIndex, Logins, MemoryLoginIndex, Tokens, profile::Profile};
use auth_runtime::{
    Answer, AuthLayer, BoxError, EncryptedCookie, KeyRing, UserId, async_trait,
    clock::UnixTime,
    guarded,
    identity::CredentialId,
    jwt::{MemoryReplayCache, ReplayCache, TokenUse},
    revocation::{MemoryRevocation, Revocation, RevocationStatus},
};
use http::StatusCode;
use serde_json::json;

use super::{
    intercepted_index::{InterceptedIndex, Step},
    logout_setup::{Setup, application, everything_of, send},
};

/// Fails at one of its calls.
#[derive(Clone)]
struct FailsOnce<T>(T, Arc<AtomicUsize>);

impl<T> FailsOnce<T> {
    fn at(call: usize, inner: T) -> Self {
        Self(inner, Arc::new(AtomicUsize::new(call)))
    }

    fn call(&self) -> Result<(), BoxError> {
        let left = self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left == Ok(1) { Err("down".into()) } else { Ok(()) }
    }
}

#[async_trait]
impl Revocation for FailsOnce<MemoryRevocation> {
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        credential: Option<&'a CredentialId>,
    ) -> Answer<'a, Result<RevocationStatus, BoxError>> {
        self.0.find(user, credential)
    }

    async fn revoke_user(&self, user: &UserId) -> Result<(), BoxError> {
        self.0.revoke_user(user).await
    }

    async fn revoke_everybody(&self) -> Result<(), BoxError> {
        self.0.revoke_everybody().await
    }

    async fn revoke_credential(&self, id: &CredentialId, expires: Option<UnixTime>) -> Result<(), BoxError> {
        self.call()?;
        self.0.revoke_credential(id, expires).await
    }
}

#[async_trait]
impl ReplayCache for FailsOnce<MemoryReplayCache> {
    async fn use_once(&self, token: &TokenUse) -> Result<bool, BoxError> {
        self.call()?;
        self.0.use_once(token).await
    }

    async fn is_used(&self, token: &TokenUse) -> Result<bool, BoxError> {
        self.call()?;
        self.0.is_used(token).await
    }
}

/// An index whose removals fail once.
fn fails_once_at_removal(call: usize, index: MemoryLoginIndex) -> InterceptedIndex {
    let removals = FailsOnce::at(call, ());
    InterceptedIndex::new(index, move |step| {
        let removed = if step == Step::Remove { removals.call() } else { Ok(()) };
        async { removed }
    })
}

/// An instance that only receives log-outs.
fn receiver(
    setup: &Setup,
    index: impl LoginIndex,
    list: impl Revocation,
    used: impl ReplayCache,
) -> guarded::App {
    let login = Logins::new("https://app.example.com")
        .unwrap()
        .with_clock(setup.clock.clone())
        .with_replay_cache(used)
        .with_back_channel_logout(index, list)
        .provider(setup.provider.login("fake").unwrap())
        .unwrap()
        .on_login(|profile: Profile, _: Tokens| async move { UserId::new(profile.account().subject()) });
    application(&login, AuthLayer::new(EncryptedCookie::new(KeyRing::random())))
}

// The provider gets 400, as section 2.8 of the specification wants it for a log-out that has failed, and
// sends the same token again.
#[tokio::test]
async fn a_token_is_good_until_all_sessions_have_ended() {
    for case in ["list", "index", "looking up the token", "using the token up"] {
        let setup = Setup::new().await;
        let mut browsers = [setup.log_in("alice", "one").await, setup.log_in("alice", "two").await];
        let (index, list, used) = (setup.index.clone(), setup.revocation.clone(), MemoryReplayCache::new());
        let app = match case {
            "list" => receiver(&setup, index, FailsOnce::at(2, list), used),
            "index" => receiver(&setup, fails_once_at_removal(2, index), list, used),
            "looking up the token" => receiver(&setup, index, list, FailsOnce::at(1, used)),
            _ => receiver(&setup, index, list, FailsOnce::at(2, used)),
        };
        let token = setup.token(&json!({"sid": null}));
        assert_eq!(send(&app, &token).await.status, StatusCode::BAD_REQUEST, "{case}");
        let mut live = 0;
        for browser in &mut browsers {
            live += usize::from(browser.get("/me").await.status == StatusCode::OK);
        }
        let expected = match case {
            "list" => 1,
            "looking up the token" => 2,
            _ => 0,
        };
        assert_eq!(live, expected, "{case}");
        assert_eq!(send(&app, &token).await.status, StatusCode::OK, "{case}: the same token again");
        for browser in &mut browsers {
            assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED, "{case}");
        }
        assert_eq!(send(&app, &token).await.status, StatusCode::BAD_REQUEST, "{case}: it is used up now");
        assert!(setup.index.find(&everything_of(&setup.provider, "alice")).await.unwrap().is_empty());
    }
}
