//! Log-outs at the provider that begin here, and log-outs here that the provider begins.

use std::time::Duration;

use auth_login::MemoryLoginIndex;
use auth_runtime::{KeyRing, guarded, revocation::MemoryRevocation, testing::FrozenClock};
use axum::{extract::Request, middleware::Next};
use http::{Method, StatusCode};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use super::{
    super::{
        browser_with_cookies::{Browser, Site},
        logout_setup::instance,
    },
    Peer,
    agent::{Agent, Reached},
};

with_each_peer! {
    a_log_out_goes_on_at_the_provider_and_comes_back,
    a_provider_that_keeps_the_user_has_not_kept_the_session,
    a_log_out_at_another_application_ends_the_session_on_every_instance,
    a_log_out_that_names_the_user_alone_ends_every_session_of_the_user,
    a_log_out_of_another_client_ends_nothing,
}

/// Instances of an application that one provider knows as one or several clients.
struct Setup<P> {
    peer: P,
    clock: FrozenClock,
    keys: KeyRing,
    index: MemoryLoginIndex,
    revocation: MemoryRevocation,
    listener: Option<TcpListener>,
}

impl<P: Peer> Setup<P> {
    async fn new() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let clock = super::now();
        let index = MemoryLoginIndex::new().with_clock(clock.clone());
        let (keys, revocation) = (KeyRing::random(), MemoryRevocation::new());
        let peer = P::start(&address).await?;
        Some(Self { peer, clock, keys, index, revocation, listener: Some(listener) })
    }

    fn instance(&self, client: &str) -> guarded::App {
        let login = self.peer.login(&P::DESCRIPTOR, client).with_logout_at_provider();
        instance(login, &self.keys, self.index.clone(), &self.revocation, &self.clock)
    }

    async fn log_in(&self, app: &guarded::App, agent: &mut Agent, user: &str) -> Browser {
        let mut browser = Browser::new(app);
        let started = browser.post("/login/peer", "").await;
        let callback = self.peer.sign_in(agent, started.location(), user).await;
        let done = browser.come_back(&callback).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        assert!(is_in(&mut browser).await);
        browser
    }

    /// Logs out here and then at the provider.
    async fn log_out(&self, browser: &mut Browser, agent: &mut Agent) -> Reached {
        let out = browser.post("/logout", "").await;
        assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.text);
        let page = agent.page(out.location()).await;
        self.peer.log_out(agent, page).await
    }

    /// Lets the provider reach an instance.
    fn serve(&mut self, app: guarded::App) -> Answers {
        let listener = self.listener.take().unwrap();
        let (sender, answers) = unbounded_channel();
        let note = move |request: Request, next: Next| {
            let sender = sender.clone();
            async move {
                let path = request.uri().path().to_owned();
                let response = next.run(request).await;
                sender.send((path, response.status())).unwrap();
                response
            }
        };
        let router = axum::Router::new().fallback_service(app).layer(axum::middleware::from_fn(note));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Answers(answers)
    }
}

/// What an instance has answered to the provider.
struct Answers(UnboundedReceiver<(String, StatusCode)>);

impl Answers {
    async fn next(&mut self) -> StatusCode {
        let (path, status) = timeout(Duration::from_mins(1), self.0.recv()).await.unwrap().unwrap();
        assert_eq!(path, "/login/peer/backchannel-logout");
        status
    }
}

async fn is_in(browser: &mut Browser) -> bool {
    match browser.get("/me").await.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        status => panic!("{status}"),
    }
}

async fn a_log_out_goes_on_at_the_provider_and_comes_back<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let app = setup.instance("web");
    let mut answers = setup.serve(app.clone());
    let mut agent = Agent::new();
    let mut browser = setup.log_in(&app, &mut agent, "alice").await;
    let again = Browser::new(&app).post("/login/peer", "").await;
    assert!(setup.peer.is_logged_in(&mut agent, again.location()).await);
    let out = browser.post("/logout", "").await;
    assert!(!is_in(&mut browser).await, "the session here ends first");
    let page = agent.page(out.location()).await;
    let callback = setup.peer.log_out(&mut agent, page).await.back();
    assert!(callback.address.starts_with("https://app.example.com/logout/done?"), "{}", callback.address);
    let back = browser.send(Method::GET, &callback.address, Site::Cross, "").await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(!setup.peer.is_logged_in(&mut agent, again.location()).await);
    // The provider tells this client, too; its session has ended before.
    assert_eq!(answers.next().await, StatusCode::OK);
}

/// The provider does not know the address to come back to, and shows a page.
async fn a_provider_that_keeps_the_user_has_not_kept_the_session<P: Peer>() {
    let Some(setup) = Setup::<P>::new().await else { return };
    let app = setup.instance("web-stay");
    let mut agent = Agent::new();
    let mut browser = setup.log_in(&app, &mut agent, "alice").await;
    let out = browser.post("/logout", "").await;
    assert!(out.location().starts_with(setup.peer.issuer()), "{}", out.location());
    assert!(!is_in(&mut browser).await);
    agent.page(out.location()).await;
}

async fn a_log_out_at_another_application_ends_the_session_on_every_instance<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let (one, two, other) = (setup.instance("web"), setup.instance("web"), setup.instance("web-other"));
    let mut answers = setup.serve(two);
    let (mut agent, mut second, mut third) = (Agent::new(), Agent::new(), Agent::new());
    let mut here = setup.log_in(&one, &mut agent, "alice").await;
    let mut there = setup.log_in(&other, &mut agent, "alice").await;
    let mut elsewhere = setup.log_in(&one, &mut second, "alice").await;
    let mut bob = setup.log_in(&one, &mut third, "bob").await;
    setup.log_out(&mut there, &mut agent).await.back();
    assert_eq!(answers.next().await, StatusCode::OK);
    assert!(!is_in(&mut here).await);
    assert!(is_in(&mut elsewhere).await, "another session at the provider");
    assert!(is_in(&mut bob).await);
}

async fn a_log_out_that_names_the_user_alone_ends_every_session_of_the_user<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let app = setup.instance("web-subject");
    let mut answers = setup.serve(app.clone());
    let (mut agent, mut second, mut third) = (Agent::new(), Agent::new(), Agent::new());
    let mut here = setup.log_in(&app, &mut agent, "alice").await;
    let mut elsewhere = setup.log_in(&app, &mut second, "alice").await;
    let mut bob = setup.log_in(&app, &mut third, "bob").await;
    setup.log_out(&mut here, &mut agent).await.back();
    assert_eq!(answers.next().await, StatusCode::OK);
    assert!(!is_in(&mut elsewhere).await);
    assert!(is_in(&mut bob).await);
}

/// A client gets the logout token of another one, and it is signed and fresh.
async fn a_log_out_of_another_client_ends_nothing<P: Peer>() {
    let Some(mut setup) = Setup::<P>::new().await else { return };
    let (web, other) = (setup.instance("web"), setup.instance("web-other"));
    let mut answers = setup.serve(other.clone());
    let mut agent = Agent::new();
    let mut victim = setup.log_in(&other, &mut agent, "alice").await;
    let mut browser = setup.log_in(&web, &mut agent, "alice").await;
    setup.log_out(&mut browser, &mut agent).await.back();
    assert_eq!(answers.next().await, StatusCode::BAD_REQUEST);
    assert!(is_in(&mut victim).await);
}
