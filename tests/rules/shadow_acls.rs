//! Shadow lists: evaluated as well, differences are logged, and no decision changes.

use auth_runtime::{
    Acl, AuthLayer, BoxError, Groups, UserId,
    access::{CallerKind, Day, Finding, FindingKind},
    acl, acl_required, guard, guarded,
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
