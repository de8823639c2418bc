//! `Auth::filter` and `Auth::row_filter`: what asking one by one says, in order, with one look-up of the groups.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Group, Groups, Permission, Resource, Rule, User, UserId, acl,
    acl::{RowPrincipal::UserIn, RowRule, RowValue},
    allow_anonymous,
    authorization::now,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{
    Router,
    http::{Request, StatusCode, request::Builder},
    routing::get,
};

use crate::support;

const SITE: Acl = acl![(Deny, User("mallory"), ALL), (Allow, Group("editors"), ["view"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

#[derive(Clone, Debug)]
struct Article {
    number: u32,
    owner: &'static str,
    section: &'static str,
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User(self.owner), &["view"])]
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(Section(self.section))
    }
}

struct Section(&'static str);

impl Resource for Section {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::deny(Group("interns"), &["view"]), Rule::allow(Group(self.0), &["view"])]
            .into_iter()
            .chain(&SITE)
    }
}

fn articles() -> Vec<Article> {
    [("alice", "sport"), ("bob", "news"), ("alice", "news"), ("carol", "sport"), ("bob", "sport")]
        .into_iter()
        .zip(1..)
        .map(|((owner, section), number)| Article { number, owner, section })
        .collect()
}

#[allow_anonymous(reason = "the rules of the articles decide")]
async fn list(auth: Auth) -> Result<String, AuthError> {
    let found = auth.filter(Can::View, articles()).await?;
    Ok(found.iter().map(|article| article.number.to_string()).collect::<Vec<_>>().join(" "))
}

#[allow_anonymous(reason = "the rules of the articles decide")]
async fn one_by_one(auth: Auth) -> Result<String, AuthError> {
    let mut found = Vec::new();
    for article in articles() {
        let section = Section(article.section);
        let rules: Vec<Rule<'_>> = article.acl().into_iter().chain(section.acl()).collect();
        if auth.permits("view", rules).await? {
            found.push(article.number.to_string());
        }
    }
    Ok(found.join(" "))
}

#[allow_anonymous(reason = "it says what it would look for")]
async fn rows(auth: Auth) -> Result<String, AuthError> {
    let rules = [RowRule::allow(UserIn("owner"), &["view"])];
    let rules = rules.into_iter().chain(SITE.iter().map(RowRule::from));
    let filter = auth.row_filter("view", rules).await?;
    Ok(match filter.cases() {
        [] if filter.is_all() => "all".to_owned(),
        [] => "none".to_owned(),
        [case] => match case.tests() {
            [test] => match test.value() {
                RowValue::User(id) => format!("{} = {id}, else {}", test.column(), filter.otherwise()),
                RowValue::OneOf(_) => "groups".to_owned(),
                RowValue::Null => "no value".to_owned(),
            },
            _ => "several tests".to_owned(),
        },
        _ => "more".to_owned(),
    })
}

fn app() -> (Router, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let groups = now(move |user: Option<&UserId>| {
        count.fetch_add(1, Ordering::SeqCst);
        match user.map(UserId::as_str) {
            Some("blocked") => Ok(None),
            Some("unlucky") => Err(BoxError::from("the directory is down")),
            Some("eve") => Ok(Some(Groups::from(["editors"]))),
            Some("ned") => Ok(Some(Groups::from(["news"]))),
            Some("ian") => Ok(Some(Groups::from(["interns", "editors"]))),
            _ => Ok(Some(Groups::none())),
        }
    });
    let app = Router::new()
        .route("/list", get(list))
        .route("/one-by-one", get(one_by_one))
        .route("/rows", get(rows))
        .layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    (app, asked)
}

fn ask(path: &str, user: &str) -> Builder {
    let request = Request::get(path);
    if user.is_empty() { request } else { request.header(USER_HEADER, user) }
}

#[tokio::test]
async fn the_list_is_what_one_question_after_the_other_finds() {
    let (app, asked) = app();
    for (user, expected) in [
        ("", ""),
        ("alice", "1 3"),
        ("bob", "2 5"),
        ("eve", "1 2 3 4 5"),
        ("ned", "2 3"),
        ("ian", ""),
        ("mallory", ""),
        ("blocked", ""),
    ] {
        let before = asked.load(Ordering::SeqCst);
        let found = support::ask(&app, ask("/list", user)).await;
        assert_eq!(asked.load(Ordering::SeqCst), before + 1, "the groups are looked up once");
        assert_eq!((found.status, found.text()), (StatusCode::OK, expected), "{user}");
        assert_eq!(support::ask(&app, ask("/one-by-one", user)).await.text(), expected, "{user}");
    }
}

#[tokio::test]
async fn a_failure_is_no_empty_list() {
    let (app, _) = app();
    for path in ["/list", "/rows"] {
        let found = support::ask(&app, ask(path, "unlucky")).await;
        assert_eq!(found.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

#[tokio::test]
async fn the_condition_has_the_user_of_the_request() {
    let (app, _) = app();
    for (user, expected) in [
        ("", "none"),
        ("alice", "owner = alice, else false"),
        ("eve", "all"),
        ("mallory", "owner = mallory, else false"),
        ("blocked", "none"),
    ] {
        assert_eq!(support::ask(&app, ask("/rows", user)).await.text(), expected, "{user}");
    }
}
