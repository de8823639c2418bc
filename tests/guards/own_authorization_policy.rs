//! Policies and sources of groups of an application's own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use auth_runtime::{
    Acl, Answer, AuthLayer, BoxError, Groups, Identity, Permission, UserId, acl, acl_required, async_trait,
    authorization::{
        AclPolicy, AuthorizationPolicy, GroupQuestion, GroupSource, PolicyDecision, Question, now,
    },
    permission_required,
    testing::{self, FakeIdentity, FakePolicy, USER_HEADER},
};
use axum::{
    Router,
    http::{Request, StatusCode},
    routing::any,
};

use crate::support;

#[derive(Clone, Copy, Permission)]
enum Can {
    Comment,
    Edit,
    Seven,
}

async fn maybe(user: Option<UserId>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())
}

#[permission_required(Can::Edit)]
async fn edit() -> &'static str {
    "edit"
}

#[permission_required(Can::Seven)]
async fn seven() -> &'static str {
    "seven"
}

const PAGES: Acl = acl![(Allow, Group("editors"), ["comment"]), (Allow, User("root"), ["comment"])];

#[acl_required("comment", PAGES)]
async fn comment() -> &'static str {
    "comment"
}

fn routes() -> Router {
    Router::new()
        .route("/maybe", any(maybe))
        .route("/edit", any(edit))
        .route("/seven", any(seven))
        .route("/comment", any(comment))
}

async fn ask(app: &Router, path: &str, user: &str) -> support::Answer {
    let request = Request::get(path);
    support::ask(app, if user.is_empty() { request } else { request.header(USER_HEADER, user) }).await
}

/// Sessions under random names, users in a table, groups in another.
#[derive(Clone, Default)]
struct Table {
    asked: Arc<Mutex<Vec<String>>>,
}

impl Table {
    fn note(&self, what: impl Into<String>) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl AuthorizationPolicy for Table {
    type Permission = Can;

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        self.note("user");
        tokio::task::yield_now().await;
        match identity.as_str() {
            "session-1" => Ok(Some("alice".parse()?)),
            "session-2" => Ok(Some("root".parse()?)),
            "session-9" => Err("the table is locked".into()),
            _ => Ok(None),
        }
    }

    async fn groups(&self, user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
        self.note(format!("groups of {}", user.map_or("anonymous", |user| user.as_str())));
        tokio::task::yield_now().await;
        Ok(Some(if user.is_some_and(|user| *user == "alice") {
            Groups::from(["editors"])
        } else {
            Groups::none()
        }))
    }

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        // It may look at the request.
        let path = question.request().uri().path();
        self.note(format!("{} at {path:?}", question.permission()));
        Ok(match question.permission_as() {
            Some(Can::Edit) => {
                PolicyDecision::allow_if(question.groups().contains("editors") && path == "/edit")
            }
            Some(Can::Seven) => PolicyDecision::allow_if(question.user().is_none()),
            Some(Can::Comment) | None => PolicyDecision::Abstain,
        })
    }
}

#[tokio::test]
async fn an_own_policy_says_who_an_identity_is_and_what_it_may() {
    let table = Table::default();
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_policy(table.clone()));
    for (session, user) in
        [("session-1", "alice"), ("session-2", "root"), ("stale", "anonymous"), ("alice", "anonymous")]
    {
        assert_eq!(ask(&app, "/maybe", session).await.text(), user);
    }
    assert_eq!(ask(&app, "/maybe", "session-9").await.status, StatusCode::SERVICE_UNAVAILABLE);
    for (path, session, status) in [
        ("/edit", "session-1", 200),
        ("/edit", "session-2", 403),
        ("/edit", "", 401),
        ("/edit", "stale", 401),
        ("/edit", "session-9", 503),
        ("/seven", "", 200),
        ("/seven", "session-1", 403),
        ("/comment", "session-1", 200),
        ("/comment", "session-2", 200),
        ("/comment", "alice", 401),
        ("/comment", "root", 401),
    ] {
        assert_eq!(ask(&app, path, session).await.status.as_u16(), status, "{path} {session}");
    }
    table.taken();
    assert_eq!(ask(&app, "/edit", "session-1").await.text(), "edit");
    assert_eq!(table.taken(), ["user", "groups of alice", "edit at \"/edit\""]);
    ask(&app, "/maybe", "").await;
    assert!(table.taken().is_empty(), "there is no identity to ask about");
}

#[tokio::test]
async fn a_source_of_groups_goes_before_the_policys() {
    let table = Table::default();
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_policy(table.clone());
    let app = routes().layer(layer.with_groups(now(|_| Ok(Some(Groups::none())))));
    assert_eq!(ask(&app, "/comment", "session-1").await.status, StatusCode::FORBIDDEN);
    assert_eq!(table.taken(), ["user"]);
}

struct Directory(HashMap<UserId, Groups>);

impl GroupSource for Directory {
    fn groups<'a>(&'a self, question: GroupQuestion<'a>) -> Answer<'a, Result<Option<Groups>, BoxError>> {
        let groups = question.user().and_then(|user| self.0.get(user)).cloned().unwrap_or_default();
        Answer::later(async move {
            tokio::task::yield_now().await;
            Ok(Some(groups))
        })
    }
}

async fn function(user: Option<UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(if user.is_some_and(|user| user == "alice") {
        Groups::from(["editors"])
    } else {
        Groups::none()
    }))
}

#[tokio::test]
async fn groups_come_from_functions_closures_and_types() {
    let layer = || AuthLayer::new(FakeIdentity::by_header());
    let table = HashMap::from([("alice".parse().unwrap(), Groups::from(["editors"]))]);
    for layer in [
        layer().with_groups(function),
        layer().with_groups(|user: Option<UserId>| function(user)),
        layer().with_groups(now(|user| {
            Ok(user.map(|user| Groups::from([if *user == "alice" { "editors" } else { "x" }])))
        })),
        layer().with_groups(Directory(table)),
    ] {
        let app = routes().layer(layer);
        assert_eq!(ask(&app, "/comment", "alice").await.status, StatusCode::OK);
        assert_eq!(ask(&app, "/comment", "bob").await.status, StatusCode::FORBIDDEN);
        assert_eq!(ask(&app, "/comment", "").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn one_list_for_the_whole_application_judges_permissions() {
    const SITE: Acl = acl![
        (Deny, User("mallory"), ALL),
        (Allow, Group("editors"), [Can::Edit]),
        (Allow, Everyone, [Can::Seven])
    ];
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_policy(AclPolicy::<Can>::new(SITE))
        .with_groups(now(|user| Ok(Some(user.map_or_else(Groups::none, |_| Groups::from(["editors"]))))));
    let app = routes().layer(layer);
    for (path, user, status) in [
        ("/edit", "alice", 200),
        ("/edit", "mallory", 403),
        ("/edit", "", 401),
        ("/seven", "", 200),
        ("/seven", "mallory", 403),
    ] {
        assert_eq!(ask(&app, path, user).await.status.as_u16(), status, "{path} {user}");
    }
}

#[tokio::test]
async fn a_permission_without_a_policy_is_a_mistake_and_no_permission() {
    for layer in [testing::anonymous(), testing::acting_as("alice", ["editors"])] {
        let app = routes().layer(layer);
        assert_eq!(support::get(&app, "/edit").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
    let app =
        routes().layer(testing::acting_as("alice", ["editors"]).with_policy(FakePolicy::<Can>::failing()));
    assert_eq!(support::get(&app, "/edit").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
