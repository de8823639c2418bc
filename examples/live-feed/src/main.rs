//! News over a WebSocket and as server-sent events; both are closed when the permission is revoked.
//!
//! Run with
//!
//! ```text
//! cargo run -p live-feed   # http://127.0.0.1:3000, or the address in ADDR
//! ```
//!
//! and open the address in two browsers, or try in one terminal
//!
//! ```text
//! curl -i http://127.0.0.1:3000/events                                                         # 401: who are you?
//! curl -i -c jar -d 'name=alice&password=wonderland' http://127.0.0.1:3000/login               # 303: logged in
//! curl -N -b jar http://127.0.0.1:3000/events                                                  # an event each second
//! ```
//!
//! and meanwhile in another one
//!
//! ```text
//! curl -i -c admin -d 'name=root&password=toor' http://127.0.0.1:3000/login
//! curl -i -b admin -X POST http://127.0.0.1:3000/readers/alice/remove                          # 303: the stream ends
//! curl -i -b jar http://127.0.0.1:3000/events                                                  # 403: no reader any more
//! curl -i -b admin -X POST http://127.0.0.1:3000/readers/alice/add                             # 303: a reader again
//! curl -i -b admin -X POST http://127.0.0.1:3000/users/alice/log-out                           # 303: streams end
//! curl -i -b jar http://127.0.0.1:3000/events                                                  # 401: who are you?
//! ```

use std::{
    collections::BTreeSet,
    convert::Infallible,
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Groups, KeyRing, TicketCookie, UserId, acl, acl_required,
    allow_anonymous,
    guarded::{App, Router, get, post},
    revocation::{MemoryRevocation, Revocation as _},
    watch::Watches,
};
use axum::{
    Form,
    extract::{
        Path, State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{
        Html, Redirect, Response,
        sse::{Event, Sse},
    },
};
use futures_util::{Stream, stream};

const FEED: Acl = acl![(Allow, Group("readers"), ["read"]), (Allow, Group("admins"), ["read", "manage"])];

/// The interval of news.
const PACE: Duration = Duration::from_secs(1);

/// The readers, and a channel that announces changes. An application has a database instead of the set.
#[derive(Clone)]
struct Newsroom {
    readers: Arc<Mutex<BTreeSet<String>>>,
    watches: Watches,
    revocation: MemoryRevocation,
}

impl Newsroom {
    fn new() -> Self {
        let readers = Arc::new(Mutex::new(BTreeSet::from(["alice".to_owned(), "bob".to_owned()])));
        Self { readers, watches: Watches::new(), revocation: MemoryRevocation::new() }
    }

    fn readers(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn groups(&self, user: Option<&UserId>) -> Groups {
        match user {
            Some(user) if *user == "root" => Groups::from(["admins"]),
            Some(user) if self.readers().contains(user.as_str()) => Groups::from(["readers"]),
            _ => Groups::none(),
        }
    }
}

/// The guard decides before the upgrade; the watch takes over from there.
#[acl_required("read", FEED)]
async fn socket(auth: Auth, user: UserId, upgrade: WebSocketUpgrade) -> Result<Response, AuthError> {
    let mut watch = auth.watch("read", FEED).await?;
    Ok(upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let mut pace = tokio::time::interval(PACE);
        let mut number = 0_u64;
        loop {
            let sent = tokio::select! {
                // Poll the watch first: nothing is sent once the permission is gone.
                biased;
                ended = &mut watch => {
                    let frame = CloseFrame { code: ended.close_code(), reason: ended.to_string().into() };
                    let _ = socket.send(Message::Close(Some(frame))).await;
                    return;
                }
                message = socket.recv() => match message {
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => return,
                },
                _ = pace.tick() => {
                    number = number.saturating_add(1);
                    socket.send(Message::text(format!("news {number} for {user}"))).await
                }
            };
            if sent.is_err() {
                return;
            }
        }
    }))
}

#[acl_required("read", FEED)]
async fn events(
    auth: Auth,
    user: UserId,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, AuthError> {
    let watch = auth.watch("read", FEED).await?;
    let news = stream::unfold((tokio::time::interval(PACE), 1_u64), move |(mut pace, number)| {
        let user = user.clone();
        async move {
            pace.tick().await;
            let event = Event::default().data(format!("news {number} for {user}"));
            Some((Ok(event), (pace, number.saturating_add(1))))
        }
    });
    Ok(Sse::new(watch.guard(news)))
}

/// Parses a user id; rejects an invalid name with 404.
fn user_of(name: &str) -> Result<UserId, StatusCode> {
    name.parse().map_err(|_| StatusCode::NOT_FOUND)
}

#[acl_required("manage", FEED)]
async fn remove_reader(
    State(newsroom): State<Newsroom>,
    Path(name): Path<String>,
) -> Result<Redirect, StatusCode> {
    let user = user_of(&name)?;
    newsroom.readers().remove(&name);
    newsroom.watches.check(&user);
    Ok(Redirect::to("/"))
}

#[acl_required("manage", FEED)]
async fn add_reader(
    State(newsroom): State<Newsroom>,
    Path(name): Path<String>,
) -> Result<Redirect, StatusCode> {
    user_of(&name)?;
    newsroom.readers().insert(name);
    Ok(Redirect::to("/"))
}

#[acl_required("manage", FEED)]
async fn log_out(State(newsroom): State<Newsroom>, Path(name): Path<String>) -> Result<Redirect, StatusCode> {
    let revoked = newsroom.revocation.revoke_user(&user_of(&name)?).await;
    revoked.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Redirect::to("/"))
}

#[derive(serde::Deserialize)]
struct Login {
    name: String,
    password: String,
}

/// An application queries a database and verifies a password hash.
fn is_password(name: &str, password: &str) -> bool {
    matches!((name, password), ("alice", "wonderland") | ("bob", "builder") | ("root", "toor"))
}

#[allow_anonymous(reason = "users log in here")]
async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    if !is_password(&form.name, &form.password) {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(&form.name).await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "logging out has no effect on anonymous requests")]
async fn logout(auth: Auth) -> Result<Redirect, AuthError> {
    auth.forget().await?;
    Ok(Redirect::to("/"))
}

#[allow_anonymous(reason = "the page to log in on")]
async fn index() -> Html<&'static str> {
    Html(PAGE)
}

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>live feed</title>
<style>body { font: 1rem/1.6 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
<h1>live feed</h1>
<p>Newest: <strong id="news">nothing yet</strong></p>
<form method="post" action="/login">
  <label>Name <input name="name" value="alice" autocomplete="username"></label>
  <label>Password <input name="password" type="password" value="wonderland" autocomplete="current-password"></label>
  <button>Log in</button>
</form>
<p>There are alice/wonderland, bob/builder and the administrator root/toor.</p>
<form method="post" action="/logout"><button>Log out</button></form>
<h2>For the administrator</h2>
<form method="post" action="/readers/alice/remove"><button>Alice reads no more</button></form>
<form method="post" action="/readers/alice/add"><button>Alice reads again</button></form>
<form method="post" action="/users/alice/log-out"><button>Log Alice out</button></form>
<script>
  const news = document.getElementById("news");
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/socket");
  socket.onmessage = (event) => { news.textContent = event.data; };
  socket.onclose = (event) => { news.textContent = "closed: " + event.code + " " + event.reason; };
</script>
</html>
"#;

/// Returns the routes. A handler without a guard would not compile.
fn routes_of() -> Router<Newsroom> {
    Router::new()
        .route("/", get(index))
        .route("/socket", get(socket))
        .route("/events", get(events))
        .route("/readers/{user}/add", post(add_reader))
        .route("/readers/{user}/remove", post(remove_reader))
        .route("/users/{user}/log-out", post(log_out))
        .route("/login", post(login))
        .route("/logout", post(logout))
}

/// Returns the routes with a new newsroom.
pub(crate) fn routes() -> Router {
    routes_of().with_state(Newsroom::new())
}

/// Returns the application, with a cookie for the address that it is served at.
pub(crate) fn app(cookie: TicketCookie) -> App {
    let newsroom = Newsroom::new();
    let directory = newsroom.clone();
    let groups = move |user: Option<UserId>| {
        let groups = directory.groups(user.as_ref());
        async move { Ok::<_, BoxError>(Some(groups)) }
    };
    let auth = AuthLayer::new(cookie)
        .with_groups(groups)
        .with_revocation(newsroom.revocation.clone())
        .with_watches(newsroom.watches.clone());
    routes_of().with_state(newsroom).with_auth(auth)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::var("ADDR").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    // These keys exist until the program ends, which logs all users out. An application loads its key.
    let cookie = TicketCookie::new(KeyRing::random());
    // Browsers send the default cookie over https only. On this host http is acceptable; the connect info
    // below tells which clients are local.
    let cookie = if address.ip().is_loopback() { cookie.with_insecure_http_on_loopback()? } else { cookie };

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    println!("open it in a browser, log in as alice/wonderland, and in another one as root/toor");
    println!("commands to try are at the head of examples/live-feed/src/main.rs");
    println!("\n{}", routes().access());
    axum::serve(listener, app(cookie).into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
