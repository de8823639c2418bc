//! Canaries: keys, cookies, identities and passwords come up in no event, no error, no debug output and no answer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{fmt::Debug, time::Duration};

use auth_runtime::{
    Auth, AuthError, AuthLayer, BoxError, Identity, IdentityPolicy, Key, KeyRing, LoginOptions, Permission,
    TicketCookie, UserId, async_trait, auth_required,
    authorization::{AuthorizationPolicy, PolicyDecision, Question},
    clock::UnixTime,
    identity::{ChangeContext, Effects, Identified, Incoming},
    testing::FrozenClock,
};
use axum::{
    Form, Router,
    body::Body,
    http::{HeaderValue, Request, header},
    response::Redirect,
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::support::{self, Answer, Log, Told};

const KEY: &[u8; 34] = b"canary\x01\xFE\x83key\x9A\xC4\x00\x11\xE7canary\xD2\x5B\x8F\xA6\x13key\xB9\x07\xF1";
const IDENTITY: &str = "canary-identity-7f3a";
const PASSWORD: &str = "canary-password-91c2";

/// A secret in the forms in which it could slip out.
fn forms(secret: &[u8]) -> Vec<String> {
    let joined = |mark: &str| {
        secret.iter().flat_map(|byte| [mark.to_owned(), format!("{byte:02x}")]).collect::<String>()
    };
    let (hex, percent, list) = (joined(""), joined("%"), format!("{secret:?}"));
    let mut forms = vec![
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex.to_uppercase(),
        hex,
        percent.to_uppercase(),
        percent,
    ];
    forms.push(list.trim_matches(['[', ']']).to_owned());
    forms.push(String::from_utf8_lossy(secret).into_owned());
    forms
}

#[track_caller]
fn assert_silent(text: &str, secrets: &[Vec<u8>]) {
    for secret in secrets {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{form} in {text}");
        }
    }
}

/// Its users are called otherwise than their identities.
#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

struct Renamed;

#[async_trait]
impl AuthorizationPolicy for Renamed {
    type Permission = Can;

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        Ok((identity == IDENTITY).then(|| "alice".parse()).transpose()?)
    }

    async fn permits(&self, _: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        Err("the database is down".into())
    }
}

#[derive(serde::Deserialize)]
struct Login {
    password: String,
}

async fn login(auth: Auth, Form(form): Form<Login>) -> Result<Redirect, AuthError> {
    if form.password != PASSWORD {
        return Err(AuthError::unauthenticated());
    }
    auth.remember(IDENTITY).await?;
    Ok(Redirect::to("/"))
}

async fn logout(auth: Auth) -> Result<(), AuthError> {
    auth.forget().await
}

#[auth_required]
async fn who(user: UserId, auth: Auth) -> Result<String, AuthError> {
    auth.policy_permits(Can::Edit, &()).await.unwrap_err();
    Ok(user.to_string())
}

/// Reads the identity, and makes no look-up of its user.
async fn identity_only(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.identity().await?.is_some().to_string())
}

fn tickets() -> TicketCookie {
    TicketCookie::new(KeyRing::new(Key::from_bytes(KEY).unwrap()))
        .with_lifetime(Duration::from_mins(1))
        .with_renewal_after(Duration::from_secs(5))
}

fn app(clock: &FrozenClock) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/who", get(who))
        .route("/identity", get(identity_only))
        .layer(AuthLayer::new(tickets()).with_policy(Renamed).with_clock(clock.clone()))
}

async fn with(app: &Router, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    support::send(app, request.body(Body::from(body.to_owned())).unwrap()).await
}

fn value(cookie: &str) -> Vec<u8> {
    cookie.split_once('=').unwrap().1.as_bytes().to_vec()
}

fn text_of(told: &[Told]) -> String {
    format!("{told:?}")
}

#[tokio::test]
async fn no_event_of_a_whole_life_holds_a_secret() {
    let clock = FrozenClock::at(1_700_000_000);
    let app = app(&clock);
    let life = async {
        let mut answers = Vec::new();
        answers.push(with(&app, "POST", "/login", "", &format!("password={PASSWORD}x")).await);
        let login = with(&app, "POST", "/login", "", &format!("password={PASSWORD}")).await;
        let cookie = login.cookies().remove(0);
        answers.push(with(&app, "GET", "/who", &cookie, "").await);
        assert_eq!(answers[1].text(), "alice");
        clock.advance(Duration::from_secs(10));
        let renewed = with(&app, "GET", "/identity", &cookie, "").await;
        let second = renewed.cookies().remove(0);
        let third = with(&app, "GET", "/who", &cookie, "").await.cookies().remove(0);
        for bad in [format!("{cookie}x"), cookie.replace("auth=", "auth=x"), cookie.to_uppercase()] {
            answers.push(with(&app, "GET", "/who", &bad, "").await);
        }
        answers.push(with(&app, "POST", "/logout", &cookie, "").await);
        clock.advance(Duration::from_hours(2));
        answers.push(with(&app, "GET", "/who", &second, "").await);
        (answers, [cookie, second, third])
    };
    let ((answers, cookies), told) = Log::of(life).await;
    assert!(told.len() >= 10, "{told:?}");
    let mut secrets = vec![KEY.to_vec(), IDENTITY.into(), PASSWORD.into()];
    secrets.extend(cookies.iter().map(|cookie| value(cookie)));
    assert_silent(&text_of(&told), &secrets);
    for answer in answers {
        assert_silent(&format!("{answer:?}"), &secrets);
    }
    // What a trace of responses prints of a log-in.
    let login = with(&app, "POST", "/login", "", &format!("password={PASSWORD}")).await;
    secrets.push(value(&login.cookies()[0]));
    assert_silent(&format!("{:?}", login.headers), &secrets);
}

#[tokio::test]
async fn no_type_prints_a_secret() {
    let tickets = tickets();
    let identity = Identity::new(IDENTITY).unwrap();
    let nobody = Identified::anonymous();
    let now = UnixTime::from_secs(1_700_000_000);
    let context = ChangeContext::new(now, &nobody);
    let effects = tickets.remember(&context, &identity, &LoginOptions::new()).await.unwrap();
    let (_, set) = effects.headers().next().unwrap();
    let cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
    let (parts, ()) = Request::get("/who?token=canary-password-91c2")
        .header(header::COOKIE, &cookie)
        .header(header::AUTHORIZATION, "Bearer canary-password-91c2")
        .body(())
        .unwrap()
        .into_parts();
    let incoming = Incoming::new(&parts, None, now);
    let identified = tickets.identify(&incoming).await.unwrap();
    assert_eq!(identified.identity(), Some(&identity));
    let known = Identified::known(identity.clone()).with_memo(std::sync::Arc::new(PASSWORD.to_owned()));
    let user: UserId = "alice".parse().unwrap();
    let groups = auth_runtime::Groups::none();
    let question = Question::new(Some(&user), &groups, auth_runtime::Name::Text("edit"), &incoming);
    let own = Effects::set_cookie("own", HeaderValue::from_str(&cookie).unwrap())
        .and_header(header::SET_COOKIE, HeaderValue::from_str(&cookie).unwrap());
    let layer = AuthLayer::new(self::tickets());
    let secrets = [KEY.to_vec(), IDENTITY.into(), PASSWORD.into(), value(&cookie)];
    let key = Key::from_bytes(KEY).unwrap();
    let ring = KeyRing::new(Key::from_bytes(KEY).unwrap());
    let printed: [&dyn Debug; 14] = [
        &tickets,
        &identity,
        &effects,
        &own,
        &incoming,
        &identified,
        &known,
        &question,
        &layer,
        &key,
        &ring,
        &context,
        &ChangeContext::new(now, &known),
        &ring.keys(),
    ];
    for value in printed {
        assert_silent(&format!("{value:?} {value:#?}"), &secrets);
    }
}

#[test]
fn no_error_quotes_what_it_is_about() {
    let secrets = [PASSWORD.as_bytes().to_vec(), IDENTITY.into()];
    let long = format!("{IDENTITY}\n{PASSWORD}");
    let errors: Vec<Box<dyn std::error::Error>> = vec![
        Box::new(Key::from_bytes(PASSWORD).unwrap_err()),
        Box::new(Key::from_base64(PASSWORD).unwrap_err()),
        Box::new(Key::from_base64(&format!("{PASSWORD}!!!!")).unwrap_err()),
        Box::new(Identity::new(&long).unwrap_err()),
        Box::new(UserId::new(&long).unwrap_err()),
        Box::new(auth_runtime::LocalPath::parse(PASSWORD).unwrap_err()),
        Box::new(AuthLayer::new(tickets()).with_trusted_origin(PASSWORD).unwrap_err()),
        Box::new(tickets().with_cookie_name(&long).unwrap_err()),
        Box::new(tickets().with_realm(&long).unwrap_err()),
    ];
    for error in errors {
        assert_silent(&format!("{error} {error:?} {error:#?}"), &secrets);
    }
}

#[tokio::test]
async fn a_failing_database_is_not_described_to_the_client() {
    async fn handler(auth: Auth) -> Result<(), AuthError> {
        auth.policy_permits(Can::Edit, &()).await.map(drop)
    }
    let layer = auth_runtime::testing::acting_as("alice", ["readers"]).with_policy(Renamed).allow_unguarded();
    let app = Router::new().route("/", get(handler)).layer(layer);
    let answer = support::get(&app, "/").await;
    assert_eq!((answer.status.as_u16(), answer.text().contains("database")), (503, false));
}
