//! Shadow lists: evaluated as well, differences are logged, and no decision changes.

use auth_runtime::{
    Acl, Answer, AuthLayer, BoxError, Condition, Groups, UserId,
    access::{CallerKind, Day, Finding, FindingKind},
    acl, acl_required,
    conditions::ConditionQuestion,
    guard, guarded,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{Router, http::Request, routing::get};

use crate::support::{self, Log, Told};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["edit", "purge"]),
    (Allow, Authenticated, ["comment"]),
];
const ARTICLES_NEXT: Acl = acl![
    (Deny, Everyone, ["purge"]),
    (Allow, Authenticated, ["view"]),
    (Allow, User("alice"), ["edit"]),
    (Allow, Group("staff"), ["comment"]),
    (Allow, Group("staff"), ["edit"]),
];

#[acl_required("view", ARTICLES, shadow = ARTICLES_NEXT)]
async fn view() {}

#[acl_required("edit", ARTICLES, shadow = ARTICLES_NEXT, hide)]
async fn edit() {}

/// Withdrawn from everyone on purpose: the shadow says so with a rule.
#[acl_required("purge", ARTICLES, shadow = ARTICLES_NEXT)]
async fn purge() {}

#[acl_required(any("edit", "comment"), ARTICLES, shadow = ARTICLES_NEXT)]
async fn write() {}

fn app() -> Router {
    let groups = |user: Option<UserId>| async move {
        match user.as_ref().map(UserId::as_str) {
            Some("edna") => Ok(Some(Groups::from(["editors"]))),
            Some("stan") => Ok(Some(Groups::from(["staff"]))),
            Some("blocked") => Ok(None),
            Some("broken") => Err(BoxError::from("no groups today")),
            _ => Ok(Some(Groups::none())),
        }
    };
    let layered = Router::new().route("/layer", get(async || ()));
    Router::new()
        .route("/view", get(view))
        .route("/edit", get(edit))
        .route("/purge", get(purge))
        .route("/write", get(write))
        .merge(layered.route_layer(guard::acl!("edit", ARTICLES, shadow = ARTICLES_NEXT)))
        .layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups))
}

/// The status, and what the shadow told.
async fn ask(path: &str, user: &str) -> (u16, Vec<Told>) {
    let mut request = Request::get(path);
    if !user.is_empty() {
        request = request.header(USER_HEADER, user);
    }
    let (answer, told) = Log::of(support::ask(&app(), request)).await;
    (answer.status.as_u16(), told.into_iter().filter(|told| told.message == "shadow").collect())
}

#[tokio::test]
async fn a_difference_is_logged_and_changes_nothing() {
    let (status, told) = ask("/view", "").await;
    assert_eq!(status, 200, "the list decides");
    let [told] = told.as_slice() else { panic!("one event: {told:?}") };
    assert!(told.field("guard").ends_with(" view"), "{told:?}");
    let expected = [
        ("user", ""),
        ("permission", "view"),
        ("context", "ARTICLES"),
        ("allowed", "true"),
        ("reason", "rule"),
        ("rule", "1"),
        ("shadow", "ARTICLES_NEXT"),
        ("shadow_allowed", "false"),
        ("shadow_reason", "no_rule"),
        ("shadow_rule", ""),
    ];
    for (field, value) in expected {
        assert_eq!(told.field(field), value, "{field}");
    }
}

#[tokio::test]
async fn a_wider_shadow_grants_nothing() {
    for (path, status) in [("/edit", 404), ("/layer", 403)] {
        let (answered, told) = ask(path, "stan").await;
        assert_eq!(answered, status, "{path}");
        let [told] = told.as_slice() else { panic!("one event: {told:?}") };
        let found = ["user", "allowed", "shadow_allowed", "shadow_rule"].map(|field| told.field(field));
        assert_eq!(found, ["stan", "false", "true", "5"], "{path}");
    }
}

#[tokio::test]
async fn equal_decisions_are_not_logged() {
    for (path, user, status) in [
        ("/view", "bob", 200),
        ("/edit", "bob", 404),
        ("/edit", "", 404),
        ("/purge", "stan", 403),
        ("/layer", "bob", 403),
        // The same answer by another rule.
        ("/write", "stan", 200),
        // Every list refuses those who are blocked.
        ("/view", "blocked", 403),
    ] {
        let (answered, told) = ask(path, user).await;
        assert_eq!((answered, told.len()), (status, 0), "{path} {user}");
    }
}

#[tokio::test]
async fn a_permission_may_be_taken_from_everyone_on_purpose() {
    let (status, told) = ask("/purge", "edna").await;
    assert_eq!((status, told.len()), (200, 1));
    assert_eq!(told.first().unwrap().field("shadow_rule"), "1");
}

#[tokio::test]
async fn an_expression_is_compared_as_a_whole() {
    let (status, told) = ask("/write", "bob").await;
    assert_eq!((status, told.len()), (200, 1), "bob may comment today, and neither of them then");
    assert_eq!(told.first().unwrap().field("permission"), r#"any("edit", "comment")"#);
}

/// Groups that cannot be looked up matter to the shadow only, and it keeps silent.
#[tokio::test]
async fn a_failure_of_the_shadow_has_no_effect() {
    const OPEN: Acl = acl![(Allow, Everyone, ["view"])];
    const CLOSED: Acl = acl![(Allow, Group("staff"), ["view"])];
    #[acl_required("view", OPEN, shadow = CLOSED)]
    async fn open() {}

    let groups = auth_runtime::authorization::never_blocks(|_: Option<UserId>| async {
        Err::<Option<Groups>, BoxError>(BoxError::from("no groups today"))
    });
    let layer = AuthLayer::new(FakeIdentity::by_header()).with_groups(groups);
    let app: Router = Router::new().route("/", get(open)).layer(layer);
    let request = Request::get("/").header(USER_HEADER, "bob");
    let (answer, told) = Log::of(support::ask(&app, request)).await;
    assert_eq!(answer.status, 200);
    let messages: Vec<&str> = told.iter().map(|told| told.message.as_str()).collect();
    assert!(messages.contains(&"failed") && !messages.contains(&"shadow"), "{messages:?}");
}

fn routes() -> guarded::Router {
    let files = guard::acl!("edit", ARTICLES, shadow = ARTICLES_NEXT).around(get(async || ()));
    guarded::Router::new()
        .route("/edit", guarded::get(edit))
        .route("/purge", guarded::get(purge))
        .route("/view", guarded::get(view))
        .route_service("/files", files)
}

#[test]
fn the_table_shows_whose_access_will_change() {
    let access = routes().access();
    let row = access.rows().iter().find(|row| row.name().ends_with("/edit")).unwrap();
    assert_eq!(row.guard(), "edit @ ARTICLES, hidden, shadow ARTICLES_NEXT");
    let context = |name: &str| {
        let row = access.rows().iter().find(|row| row.name().ends_with(name)).unwrap();
        let guard = row.route().guards().first().unwrap();
        (guard.shadow().is_some(), guard.shadow_context())
    };
    assert_eq!(context("/edit"), (true, Some("ARTICLES_NEXT")));
    assert_eq!(context("/files"), (true, Some("ARTICLES_NEXT")));
    let changes: Vec<String> = access.shadow_changes().map(|change| change.to_string()).collect();
    let of_edit: Vec<&String> = changes.iter().filter(|change| change.contains("/edit")).collect();
    assert_eq!(
        of_edit,
        [
            "narrower: GET /edit for group editors: yes (ARTICLES 2) -> 404",
            "wider: GET /edit for group staff: 404 -> yes (ARTICLES_NEXT 5)",
            "wider: GET /edit for user alice: 404 -> yes (ARTICLES_NEXT 3)",
        ],
        "{changes:#?}"
    );
    let view: Vec<CallerKind> = access
        .shadow_changes()
        .filter(|change| change.row().route().path() == "/view" && !change.is_wider())
        .map(|change| change.caller())
        .collect();
    assert_eq!(view, [CallerKind::Anonymous]);
    assert!(changes.iter().any(|change| change.contains("/files for user alice")), "{changes:#?}");
}

#[test]
fn findings_tell_of_it() {
    let found = routes().access().findings("2026-11-22".parse::<Day>().unwrap());
    let found: Vec<&str> =
        found.iter().filter(|it| it.kind() == FindingKind::ShadowDifference).map(Finding::text).collect();
    assert!(
        found.contains(&"when its shadow decides about `GET /purge`, it closes to group editors"),
        "{found:#?}"
    );
    assert!(
        found.contains(
            &"when its shadow decides about `GET /edit`, it opens to group staff, user alice and it closes to group editors"
        ),
        "{found:#?}"
    );
    let plain: guarded::Router = guarded::Router::new().route("/", guarded::get(plain));
    assert_eq!(plain.access().shadow_changes().count(), 0);
}

#[acl_required("view", ARTICLES)]
async fn plain() {}

const ON_CALL: Condition = Condition::custom("on-call");
const AT_DESK: Condition = Condition::custom("at-desk");
const RESTARTS: Acl = acl![
    (Allow, User("carl"), ["restart"]),
    (Allow, User("desmond"), ["restart"], if AT_DESK),
    (Allow, Group("staff"), ["restart"], if ON_CALL),
];
const RESTARTS_NEXT: Acl = acl![
    (Allow, User("desmond"), ["restart"], if ON_CALL),
    (Allow, Group("staff"), ["restart"]),
    (Allow, Authenticated, ["restart"], if ON_CALL),
];

#[acl_required("restart", RESTARTS, shadow = RESTARTS_NEXT)]
async fn restart() {}

fn restart_routes() -> guarded::Router {
    guarded::Router::new().route("/restart", guarded::get(restart))
}

/// A layer in which users whose name ends in `!` are on call; it fails for `broken`.
fn on_call() -> AuthLayer {
    let groups = |user: Option<UserId>| async move {
        let is_staff = user.is_some_and(|user| user.as_str().starts_with("stan"));
        Ok::<_, BoxError>(Some(if is_staff { Groups::from(["staff"]) } else { Groups::none() }))
    };
    AuthLayer::new(FakeIdentity::by_header())
        .with_groups(groups)
        .with_condition(AT_DESK, |_| Answer::Now(Ok(true)))
        .with_condition(ON_CALL, |question: ConditionQuestion<'_>| {
            Answer::Now(match question.user().map(UserId::as_str) {
                Some("broken") => Err("the roster is down".into()),
                user => Ok(user.is_some_and(|user| user.ends_with('!'))),
            })
        })
}

#[tokio::test]
async fn conditions_of_a_shadow_are_answered_and_change_nothing() {
    let app = restart_routes().with_auth(on_call());
    for (user, status, shadow) in [
        ("carl", 200, Some("false")),
        ("carl!", 403, Some("true")),
        ("bob", 403, None),
        ("bob!", 403, Some("true")),
        ("stan", 403, Some("true")),
        ("stan!", 200, None),
        ("desmond", 200, Some("false")),
        // The shadow's failure is neither a decision nor a response.
        ("broken", 403, None),
    ] {
        let request = Request::get("/restart").header(USER_HEADER, user);
        let (answer, told) = Log::of(support::ask(&app, request)).await;
        assert_eq!(answer.status, status, "{user}");
        let told: Vec<&Told> = told.iter().filter(|told| told.message == "shadow").collect();
        assert_eq!(told.first().map(|told| told.field("shadow_allowed")), shadow, "{user} {told:?}");
    }
}

#[test]
fn the_table_shows_conditions_that_will_come_go_or_change() {
    let access = restart_routes().access();
    let changes: Vec<String> = access.shadow_changes().map(|change| change.to_string()).collect();
    assert_eq!(
        changes,
        [
            "wider: GET /restart for signed in: 403 -> if on-call (RESTARTS_NEXT 3)",
            "wider: GET /restart for group staff: if on-call (RESTARTS 3) -> yes (RESTARTS_NEXT 2)",
            "narrower: GET /restart for user carl: yes (RESTARTS 1) -> if on-call (RESTARTS_NEXT 3)",
            "other: GET /restart for user desmond: if at-desk (RESTARTS 2) -> if on-call (RESTARTS_NEXT 1)",
        ]
    );
    let kinds: Vec<(bool, bool)> =
        access.shadow_changes().map(|change| (change.is_wider(), change.is_narrower())).collect();
    assert_eq!(kinds, [(true, false), (true, false), (false, true), (true, true)]);
    let found = access.findings("2026-11-22".parse::<Day>().unwrap());
    let expected = "when its shadow decides about `GET /restart`, it opens to signed in and other conditions decide \
                    for group staff, user carl, user desmond";
    assert!(found.iter().any(|finding| finding.text() == expected), "{found:#?}");
}

#[test]
#[should_panic(expected = "a rule depends on the condition `on-call`, which nothing answers")]
fn a_condition_that_only_the_shadow_has_needs_an_answer_too() {
    const NOW: Acl = acl![(Allow, Authenticated, ["restart"])];
    #[acl_required("restart", NOW, shadow = RESTARTS_NEXT)]
    async fn restart() {}

    let routes: guarded::Router = guarded::Router::new().route("/", guarded::get(restart));
    let _ = routes.with_auth(AuthLayer::new(FakeIdentity::by_header()));
}
