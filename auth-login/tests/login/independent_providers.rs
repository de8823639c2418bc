//! Log-ins with OpenID Providers of other authors: `oidc-provider` in JavaScript, `glewlwyd` in C. Each
//! promise is tested with both of them.

/// Makes a test of each function for each provider.
macro_rules! with_each_peer {
    ($($test:ident),+ $(,)?) => {
        mod oidc_provider {
            $(#[tokio::test]
            async fn $test() {
                super::$test::<crate::independent_providers::oidc_provider::OidcProvider>().await;
            })+
        }

        mod glewlwyd {
            $(#[tokio::test]
            async fn $test() {
                super::$test::<crate::independent_providers::glewlwyd::Glewlwyd>().await;
            })+
        }
    };
}

mod agent;
mod deviations;
mod glewlwyd;
mod load;
mod log_in;
mod log_out;
mod oidc_provider;
#[expect(dead_code, reason = "its browser is for other callbacks")]
#[path = "../../../auth-client/tests/support/openid.rs"]
mod openid;
mod sent;
mod step_up;
mod tokens;

use std::sync::{Arc, Mutex};

use auth_client::ClientKey;
use auth_login::{Login, descriptor::Descriptor, profile::Profile, testing::Callback};
use auth_runtime::{
    clock::{Clock as _, SystemClock},
    guarded,
    identity::cookie::SameSite,
    testing::FrozenClock,
};

use super::{
    app_and_fake_provider::application,
    browser_with_cookies::{Answer, Browser},
};
use agent::{Agent, Page, Reached};
use sent::Sent;

/// The secret of every client, with characters that Basic authentication encodes.
const SECRET: &str = "s:e%c+r/e=t&!";

/// A provider that runs until it is dropped.
///
/// | client | what distinguishes it |
/// |---|---|
/// | `web` | its logout tokens name the session at the provider |
/// | `web-subject` | its logout tokens name the subject alone |
/// | `web-other` | it gets no logout tokens |
/// | `web-stay` | its users cannot come back from a log-out |
/// | `web-signer` | it has a key in place of a secret |
trait Peer: Send + Sync + Sized + 'static {
    const DESCRIPTOR: Descriptor;
    /// The path of the userinfo endpoint, after the issuer
    const USERINFO: &str;

    /// Starts the provider, which sends logout tokens to this address of the application, unless it is empty.
    /// Returns `None` if the provider cannot be installed and need not be.
    async fn start(application: &str) -> Option<Self>;

    fn issuer(&self) -> &str;

    /// Returns the key of `web-signer`.
    fn client_key(&self) -> ClientKey;

    /// Goes on from the page to which an authorization request leads.
    async fn log_in(&self, agent: &mut Agent, page: Page, user: &str) -> Callback;

    /// Goes on from the page to which a log-out of an application leads.
    async fn log_out(&self, agent: &mut Agent, page: Page) -> Reached;

    /// Whether the user agent has a session at the provider. `address` is that of an authorization request.
    async fn is_logged_in(&self, agent: &mut Agent, address: &str) -> bool;

    /// Makes the provider sign with another key, and publish no other.
    async fn rotate_keys(&self);

    /// Logs in at the provider, or comes back at once if the user agent is logged in there.
    async fn sign_in(&self, agent: &mut Agent, address: &str, user: &str) -> Callback {
        match agent.open(address).await {
            Reached::Back(callback) => callback,
            Reached::Page(page) => self.log_in(agent, page, user).await,
        }
    }

    fn login(&self, descriptor: &Descriptor, client: &str) -> Login {
        let resolved = descriptor.resolve(&[("issuer", self.issuer())]).unwrap();
        Login::resolved(resolved, client, SECRET).unwrap().with_id("peer").unwrap()
    }
}

/// An application whose users log in with the provider, and one user's browser.
struct Setup<P> {
    peer: P,
    clock: FrozenClock,
    profiles: Arc<Mutex<Vec<Profile>>>,
    app: guarded::App,
    browser: Browser,
    /// The requests of the application to the provider, but for keys
    sent: Sent,
}

impl<P: Peer> Setup<P> {
    async fn new() -> Option<Self> {
        Self::with(&P::DESCRIPTOR, "web", |_, login| login).await
    }

    async fn with(
        descriptor: &Descriptor,
        client: &str,
        change: impl FnOnce(&P, Login) -> Login,
    ) -> Option<Self> {
        let peer = P::start("").await?;
        let sent = Sent::default();
        let login = peer.login(descriptor, client).with_http_client(sent.client());
        let login = change(&peer, login);
        let clock = now();
        let profiles = Arc::default();
        let app = application([login], &clock, &profiles, SameSite::Lax);
        let browser = Browser::new(&app);
        Some(Self { peer, clock, profiles, app, browser, sent })
    }

    /// Logs a user in whose user agent the provider does not know.
    async fn log_in(&mut self, user: &str) -> Answer {
        let started = self.browser.post("/login/peer", "next=/me").await;
        let callback = self.peer.sign_in(&mut Agent::new(), started.location(), user).await;
        self.browser.come_back(&callback).await
    }
}

/// A clock that stands still at the time of the provider.
fn now() -> FrozenClock {
    FrozenClock::at(SystemClock.now().as_secs())
}
