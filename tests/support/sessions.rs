//! An application with sessions, browsers for it, and a controllable store.

#![allow(dead_code, reason = "each test uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::SystemTime,
};

use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, IdentityPolicy, LoginOptions, Session, SessionIdentity, UserId,
    async_trait, auth_required,
    clock::UnixTime,
    identity::{
        CredentialId,
        session::{MemorySessions, SessionDetails, SessionEntry, SessionIndex},
    },
    testing::FrozenClock,
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderValue, Request, StatusCode, header, request::Builder},
    routing::{get, post},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower_sessions_core::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

pub(crate) const NAME: &str = "__Host-session";

#[auth_required]
async fn me(user: UserId) -> String {
    user.to_string()
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

async fn login(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.remember(&user).await
}

/// Logs in with an id of the log-in.
async fn login_named(auth: Auth, Path((user, id)): Path<(String, String)>) -> Result<(), AuthError> {
    let id = CredentialId::new(id)?;
    auth.remember_with(user, &LoginOptions::new().with_login_id(id)).await
}

async fn login_id(auth: Auth) -> Result<String, AuthError> {
    let (id, ends) = (auth.login_id().await?, auth.login_ends().await?);
    Ok(format!("{} {}", id.map_or_else(String::new, |id| id.to_string()), ends.unwrap_or_default()))
}

async fn login_closing(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    let options =
        LoginOptions::new().until_browser_closes().with_tokens(["mfa"]).with_public_data("theme=dark");
    auth.remember_with(&user, &options).await
}

/// Logs in, and is not done yet.
async fn login_slowly(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.remember(&user).await?;
    tokio::task::yield_now().await;
    Ok(())
}

async fn login_twice(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.remember("mallory").await?;
    auth.remember(&user).await
}

async fn login_for(auth: Auth, Path((user, seconds)): Path<(String, u64)>) -> Result<(), AuthError> {
    let options = LoginOptions::new().with_lifetime(std::time::Duration::from_secs(seconds));
    auth.remember_with(&user, &options).await
}

async fn details(auth: Auth) -> Result<String, AuthError> {
    let details = auth.credential_data::<SessionDetails>().await?;
    Ok(details.map_or_else(String::new, |details| {
        format!("{:?} {} {:?}", details.tokens(), details.public_data(), details.label())
    }))
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

async fn login_and_out(auth: Auth) -> Result<(), AuthError> {
    auth.remember("alice").await?;
    auth.forget().await
}

async fn act_as(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    auth.impersonate(&user).await
}

/// Takes its time before it lets the user act for another one.
async fn act_slowly(auth: Auth, Path(user): Path<String>) -> Result<(), AuthError> {
    for _ in 0..6 {
        Once(false).await;
    }
    auth.impersonate(&user).await
}

async fn back(auth: Auth) -> Result<(), AuthError> {
    auth.stop_impersonating().await
}

async fn back_later(auth: Auth) -> Result<(), AuthError> {
    tokio::task::yield_now().await;
    auth.stop_impersonating().await
}

async fn actor(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.actor().await?.map_or_else(|| "anonymous".to_owned(), |actor| actor.to_string()))
}

async fn rotate(auth: Auth) -> Result<(), AuthError> {
    auth.rotate().await
}

async fn put(session: Session, Path((key, value)): Path<(String, String)>) -> Result<(), AuthError> {
    session.insert(key, &value).await
}

/// Reads, takes its time, and writes.
async fn put_slowly(session: Session, Path((key, value)): Path<(String, String)>) -> Result<(), AuthError> {
    for _ in 0..6 {
        Once(false).await;
    }
    session.insert(key, &value).await
}

async fn remove(session: Session, Path(key): Path<String>) -> Result<(), AuthError> {
    session.remove(key).await
}

async fn value(session: Session, Path(key): Path<String>) -> Result<String, AuthError> {
    Ok(session.get::<String>(&key)?.unwrap_or_default())
}

async fn number(session: Session, Path(key): Path<String>) -> Result<String, AuthError> {
    Ok(format!("{:?}", session.get::<u64>(&key)?))
}

async fn id(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.credential_id().await?.map_or_else(String::new, |id| id.to_string()))
}

/// The user, and who impersonates them, if any.
#[auth_required]
async fn who(auth: Auth, user: UserId) -> Result<String, AuthError> {
    Ok(auth.actor().await?.map_or_else(|| user.to_string(), |actor| format!("{user} by {actor}")))
}

async fn public() -> &'static str {
    "public"
}

pub(crate) fn app(policy: impl IdentityPolicy, clock: &FrozenClock) -> Router {
    Router::new()
        .route("/me", get(me).post(me))
        .route("/maybe", get(maybe).post(maybe))
        .route("/login/{user}", post(login))
        .route("/login-named/{user}/{id}", post(login_named))
        .route("/login-id", get(login_id))
        .route("/login-closing/{user}", post(login_closing))
        .route("/login-slowly/{user}", post(login_slowly))
        .route("/login-twice/{user}", post(login_twice))
        .route("/login-for/{user}/{seconds}", post(login_for))
        .route("/details", get(details))
        .route("/logout", post(logout))
        .route("/login-and-out", post(login_and_out))
        .route("/rotate", post(rotate))
        .route("/act-as/{user}", post(act_as))
        .route("/act-slowly/{user}", post(act_slowly))
        .route("/back", post(back))
        .route("/back-later", post(back_later))
        .route("/actor", get(actor))
        .route("/put/{key}/{value}", post(put).get(put))
        .route("/put-slowly/{key}/{value}", post(put_slowly))
        .route("/remove/{key}", post(remove))
        .route("/value/{key}", get(value).post(value))
        .route("/number/{key}", get(number))
        .route("/id", get(id))
        .route("/public", get(public))
        .route("/who", get(who))
        .layer(AuthLayer::new(policy).with_clock(clock.clone()))
}

/// The present time, at which the stores that have a clock of their own keep what is kept for the future.
pub(crate) fn clock() -> FrozenClock {
    FrozenClock::at(UnixTime::from(SystemTime::now()).as_secs())
}

/// A client that keeps its cookie as browsers do.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) app: Router,
    pub(crate) cookie: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    pub(crate) set_cookie: Vec<HeaderValue>,
}

impl Browser {
    pub(crate) fn new(app: &Router) -> Self {
        Self { app: app.clone(), cookie: None }
    }

    /// Another client that has copied the cookie.
    pub(crate) fn thief(&self) -> Self {
        self.clone()
    }

    pub(crate) fn with_cookie(app: &Router, value: &str) -> Self {
        Self { app: app.clone(), cookie: Some(value.to_owned()) }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path)).await
    }

    pub(crate) async fn post(&mut self, path: &str) -> Answer {
        self.send(Request::post(path)).await
    }

    pub(crate) async fn send(&mut self, request: Builder) -> Answer {
        let request = match &self.cookie {
            Some(value) => request.header(header::COOKIE, format!("{NAME}={value}")),
            None => request,
        };
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let set_cookie: Vec<_> = parts.headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        for line in &set_cookie {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert_eq!(name, NAME);
            self.cookie = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status, text, set_cookie }
    }

    /// Who the guard takes this client for.
    pub(crate) async fn user(&mut self) -> String {
        let answer = self.get("/me").await;
        match answer.status {
            StatusCode::OK => answer.text,
            status => status.as_u16().to_string(),
        }
    }

    pub(crate) async fn expect(mut self, user: &str) {
        assert_eq!(self.user().await, user);
    }

    pub(crate) async fn status(&mut self, path: &str) -> u16 {
        self.post(path).await.status.as_u16()
    }
}

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The call fails and has done nothing
    Fails,
    /// The call fails and has done what it should
    FailsAfter,
    /// The store has lost everything it is asked for, or says so
    Forgets,
    /// What is loaded is the record of something else
    Garbage,
    /// The call never ends
    Hangs,
    /// The store says that it has deleted something, and has not
    Keeps,
}

/// A store in memory that counts calls, lets others go first, and fails on request.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) memory: MemorySessions,
    script: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    calls: usize,
    written: Vec<Id>,
    faults: Vec<(std::ops::Range<usize>, Fault)>,
    lets_others_go_first: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self { memory: MemorySessions::new(), script: Arc::default() }
    }
}

impl Told {
    /// A policy over it, with the index that the memory has.
    pub(crate) fn policy(&self) -> SessionIdentity {
        SessionIdentity::new(self.clone()).with_index(self.memory.clone())
    }

    /// A policy over it, with an index that lets others go first, too.
    pub(crate) fn policy_in_turns(&self) -> SessionIdentity {
        SessionIdentity::new(self.clone()).with_index(self.clone())
    }

    /// Starts counting anew, with this going wrong.
    pub(crate) fn fail(&self, calls: std::ops::Range<usize>, fault: Fault) {
        let mut script = self.script.lock().unwrap();
        script.calls = 0;
        script.faults = vec![(calls, fault)];
    }

    pub(crate) fn recover(&self) {
        let mut script = self.script.lock().unwrap();
        script.calls = 0;
        script.faults.clear();
    }

    pub(crate) fn calls(&self) -> usize {
        self.script.lock().unwrap().calls
    }

    /// Changes the JSON of every record that was written by way of this store.
    pub(crate) async fn rewrite(&self, change: impl Fn(&str) -> String) {
        for id in self.written() {
            let Some(mut record) = self.memory.load(&id).await.unwrap() else { continue };
            for value in record.data.values_mut() {
                *value = serde_json::from_str(&change(&value.to_string())).unwrap();
            }
            self.memory.save(&record).await.unwrap();
        }
    }

    /// Gives the last two sessions each other's data.
    pub(crate) async fn swap_values(&self) {
        let mut values = Vec::new();
        for id in self.written() {
            let record = self.memory.load(&id).await.unwrap();
            values.extend(record.filter(|record| record.data.contains_key("auth.values")));
        }
        let (one, other) = (values.pop().unwrap(), values.pop().unwrap());
        self.memory.save(&Record { data: one.data, ..other.clone() }).await.unwrap();
        self.memory
            .save(&Record { data: other.data, id: one.id, expiry_date: one.expiry_date })
            .await
            .unwrap();
    }

    fn written(&self) -> Vec<Id> {
        self.script.lock().unwrap().written.clone()
    }

    /// Each call waits for one poll before it acts.
    pub(crate) fn let_others_go_first(&self, yes: bool) {
        self.script.lock().unwrap().lets_others_go_first = yes;
    }

    /// Lets others go first, where that is wanted.
    async fn turn(&self) {
        let waits = self.script.lock().unwrap().lets_others_go_first;
        if waits {
            Once(false).await;
        }
    }

    async fn called(&self) -> Option<Fault> {
        let (fault, waits) = {
            let mut script = self.script.lock().unwrap();
            let call = script.calls;
            script.calls = call.saturating_add(1);
            let fault =
                script.faults.iter().find(|(calls, _)| calls.contains(&call)).map(|(_, fault)| *fault);
            (fault, script.lets_others_go_first)
        };
        if waits {
            Once(false).await;
        }
        if fault == Some(Fault::Hangs) {
            std::future::pending::<()>().await;
        }
        fault
    }
}

/// Is ready when it is polled again.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn broken<T>() -> session_store::Result<T> {
    Err(session_store::Error::Backend("the store is down".to_owned()))
}

#[async_trait]
impl SessionStore for Told {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.script.lock().unwrap().written.push(record.id);
        match self.called().await {
            Some(Fault::Fails) => broken(),
            Some(Fault::FailsAfter) => self.memory.create(record).await.and_then(|()| broken()),
            Some(Fault::Forgets) => Ok(()),
            _ => self.memory.create(record).await,
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        match self.called().await {
            Some(Fault::Fails) => broken(),
            Some(Fault::FailsAfter) => self.memory.save(record).await.and_then(|()| broken()),
            Some(Fault::Forgets) => Ok(()),
            // As most stores do: what is not there is made.
            _ if self.memory.load(&record.id).await?.is_none() => {
                self.memory.create(&mut record.clone()).await
            }
            _ => self.memory.save(record).await,
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        match self.called().await {
            Some(Fault::Fails | Fault::FailsAfter) => broken(),
            Some(Fault::Forgets) => Ok(None),
            Some(Fault::Garbage) => Ok(self
                .memory
                .load(id)
                .await?
                .map(|record| Record { data: [("user".to_owned(), "root".into())].into(), ..record })),
            _ => self.memory.load(id).await,
        }
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        match self.called().await {
            Some(Fault::Fails) => broken(),
            Some(Fault::FailsAfter) => self.memory.delete(id).await.and_then(|()| broken()),
            Some(Fault::Forgets | Fault::Keeps) => Ok(()),
            _ => self.memory.delete(id).await,
        }
    }
}

#[async_trait]
impl SessionIndex for Told {
    async fn add(&self, user: &str, entry: &SessionEntry) -> Result<(), BoxError> {
        self.turn().await;
        self.memory.add(user, entry).await
    }

    async fn remove(&self, user: &str, id: &CredentialId) -> Result<(), BoxError> {
        self.turn().await;
        self.memory.remove(user, id).await
    }

    async fn list(&self, user: &str) -> Result<Vec<SessionEntry>, BoxError> {
        self.turn().await;
        self.memory.list(user).await
    }
}
