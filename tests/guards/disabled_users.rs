//! Disabled users, superusers and roles, as the demos that people copy have them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, BoxError, Groups, Identity, Name, Permission, UserId, acl, acl_required,
    async_trait, auth_required,
    authorization::{
        AuthorizationPolicy, GroupQuestion, GroupRules, GroupSource, PolicyDecision, Question, Role,
        RolePolicy, Superuser, never_blocks, now,
    },
    permission_required,
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{Router, http::Request, routing::get};

use crate::support;

const PAGES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("staff"), ["edit"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Publish,
}

#[permission_required(Can::Read)]
async fn read() {}

#[permission_required(Can::Publish)]
async fn publish() {}

#[permission_required(any(Can::Read, Can::Publish))]
async fn either() {}

#[acl_required("view", PAGES)]
async fn view() {}

#[acl_required("edit", PAGES)]
async fn edit() {}

#[auth_required]
async fn known() {}

async fn who(auth: Auth) -> Result<String, AuthError> {
    let may = auth.policy_permits(Can::Publish, &()).await?;
    let user = auth.authorized_userid().await?;
    Ok(format!("{} {may}", user.map_or_else(|| "anonymous".to_owned(), |user| user.to_string())))
}

fn routes() -> Router {
    Router::new()
        .route("/read", get(read))
        .route("/publish", get(publish))
        .route("/either", get(either))
        .route("/view", get(view))
        .route("/edit", get(edit))
        .route("/known", get(known))
        .route("/who", get(who))
}

async fn status(app: &Router, path: &str, user: &str) -> u16 {
    let request = Request::get(path);
    let request = if user.is_empty() { request } else { request.header(USER_HEADER, user) };
    support::ask(app, request).await.status.as_u16()
}

async fn text(app: &Router, user: &str) -> String {
    support::ask(app, Request::get("/who").header(USER_HEADER, user)).await.text().to_owned()
}

struct Row {
    disabled: bool,
    permissions: BTreeSet<&'static str>,
}

/// Users and their permissions in rows, as the first of the demos has them.
#[derive(Clone, Default)]
struct Database(Arc<Mutex<BTreeMap<&'static str, Row>>>);

impl Database {
    fn add<const N: usize>(&self, name: &'static str, permissions: [&'static str; N]) {
        let row = Row { disabled: false, permissions: permissions.into() };
        self.0.lock().unwrap().insert(name, row);
    }

    fn disable(&self, name: &str) {
        self.0.lock().unwrap().get_mut(name).unwrap().disabled = true;
    }
}

#[async_trait]
impl AuthorizationPolicy for Database {
    type Permission = Can;

    async fn authorized_userid(&self, identity: &Identity) -> Result<Option<UserId>, BoxError> {
        let rows = self.0.lock().unwrap();
        let row = rows.get(identity.as_str()).filter(|row| !row.disabled);
        Ok(row.map(|_| identity.to_user_id()))
    }

    async fn permits(&self, question: &Question<'_>) -> Result<PolicyDecision, BoxError> {
        let rows = self.0.lock().unwrap();
        let row = question.user().and_then(|user| rows.get(user.as_str())).filter(|row| !row.disabled);
        Ok(PolicyDecision::allow_if(row.is_some_and(|row| {
            row.permissions.iter().any(|permission| Name::Text(permission) == question.permission())
        })))
    }
}

// Disabled users are invisible to both methods, a superuser short-circuits, the others have rows.
#[tokio::test]
async fn the_demo_with_a_database_works_as_it_did() {
    let database = Database::default();
    database.add("admin", []);
    database.add("moderator", ["read"]);
    database.add("user", []);
    let policy = Superuser::new(Role::user("admin".parse().unwrap()), database.clone());
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_policy(policy));
    for (user, known, read, publish, either) in [
        ("admin", 200, 200, 200, 200),
        ("moderator", 200, 200, 403, 200),
        ("user", 200, 403, 403, 403),
        ("stranger", 401, 401, 401, 401),
        ("", 401, 401, 401, 401),
    ] {
        for (path, expected) in
            [("/known", known), ("/read", read), ("/publish", publish), ("/either", either)]
        {
            assert_eq!(status(&app, path, user).await, expected, "{path} {user}");
        }
    }
    assert_eq!(text(&app, "admin").await, "admin true");
    assert_eq!(text(&app, "moderator").await, "moderator false");
    // At once, the superuser included.
    for user in ["admin", "moderator"] {
        database.disable(user);
        for path in ["/known", "/read", "/publish"] {
            assert_eq!(status(&app, path, user).await, 401, "{path} {user}");
        }
        assert_eq!(text(&app, user).await, "anonymous false");
    }
}

/// The groups by the user's name: `alice+editors+admins`.
#[expect(clippy::unnecessary_wraps, reason = "a source of groups is of this form")]
fn groups_by_name(user: Option<&UserId>) -> Result<Option<Groups>, BoxError> {
    Ok(Some(user.map_or_else(Groups::none, |user| user.split('+').skip(1).collect())))
}

// The dictionary of the other demo
#[tokio::test]
async fn a_table_of_roles_grants_what_is_in_it_and_nothing_else() {
    let policy = RolePolicy::new()
        .allow(Role::authenticated(), [Can::Read])
        .allow(Role::group("editors") & !Role::group("interns"), [Can::Publish])
        .allow(Role::any([]), [Can::Read, Can::Publish])
        .allow(Role::all([]), [Can::Publish]);
    assert!(format!("{policy:?}").contains("publish"));
    let layer =
        AuthLayer::new(FakeIdentity::by_header()).with_policy(policy).with_groups(now(groups_by_name));
    let app = routes().layer(layer);
    for (user, read, publish) in [
        ("alice", 200, 403),
        ("alice+editors", 200, 200),
        ("alice+editors+interns", 200, 403),
        ("alice+interns", 200, 403),
        ("", 401, 401),
    ] {
        assert_eq!(
            (status(&app, "/read", user).await, status(&app, "/publish", user).await),
            (read, publish)
        );
    }
    let nothing = AuthLayer::new(FakeIdentity::by_header()).with_policy(RolePolicy::<Can>::new());
    assert_eq!(status(&routes().layer(nothing), "/read", "alice").await, 403);
}

#[tokio::test]
async fn a_superuser_who_is_blocked_may_do_nothing() {
    let groups = GroupRules::new(now(groups_by_name)).block(Role::group("suspended"));
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_policy(Superuser::new(Role::group("admins"), RolePolicy::<Can>::new()))
        .with_groups(groups);
    let app = routes().layer(layer);
    for (user, path, expected) in [
        ("root+admins", "/publish", 200),
        ("root", "/publish", 403),
        ("root+admins+suspended", "/publish", 403),
        ("root+admins+suspended", "/view", 403),
        ("root+admins+suspended", "/known", 403),
        ("", "/publish", 401),
        ("", "/view", 200),
    ] {
        assert_eq!(status(&app, path, user).await, expected, "{path} {user}");
    }
    // A role that the anonymous hold makes no superuser of them.
    let everybody = Superuser::new(!Role::group("anonymous"), RolePolicy::<Can>::new());
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_policy(everybody));
    assert_eq!((status(&app, "/publish", "").await, status(&app, "/publish", "alice").await), (401, 200));
}

// roles are values that sources and policies go by.
#[tokio::test]
async fn groups_follow_from_others_in_order() {
    let groups = GroupRules::new(now(groups_by_name))
        .with_group("staff", Role::group("editors") | Role::group("admins"))
        .with_group("veterans", Role::group("staff") & Role::group("old"))
        .with_group(7, Role::user("seven".parse().unwrap()));
    let answer = |name: &str| {
        let name: UserId = name.parse().unwrap();
        groups.groups(GroupQuestion::about(Some(&name))).now().unwrap().unwrap().unwrap()
    };
    assert_eq!(answer("a+editors"), Groups::from(["editors", "staff"]));
    assert_eq!(answer("a+admins+old"), Groups::from(["admins", "old", "staff", "veterans"]));
    assert_eq!(answer("a+old"), Groups::from(["old"]));
    assert!(answer("seven").contains(7) && !answer("seven").contains("7"));
    assert!(!groups.never_blocks() && GroupRules::new(never_blocks(now(groups_by_name))).never_blocks());
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    assert_eq!((status(&app, "/edit", "a+editors").await, status(&app, "/edit", "a").await), (200, 403));
}

// From one request to the next
#[tokio::test]
async fn a_disabled_user_is_blocked_with_the_next_request() {
    let disabled: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let table = Arc::clone(&disabled);
    let groups = GroupRules::new(never_blocks(now(groups_by_name))).block_when(move |user: UserId| {
        let table = Arc::clone(&table);
        async move {
            tokio::task::yield_now().await;
            if user == "trouble" {
                return Err("the table is locked".into());
            }
            Ok(table.lock().unwrap().contains(user.as_str()))
        }
    });
    assert!(!groups.never_blocks());
    let app = routes().layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups));
    for path in ["/known", "/view", "/edit"] {
        assert_eq!(status(&app, path, "alice+staff").await, 200, "{path}");
        assert_eq!(status(&app, path, "trouble").await, 503, "{path}");
    }
    disabled.lock().unwrap().insert("alice+staff".to_owned());
    for path in ["/known", "/view", "/edit"] {
        assert_eq!(status(&app, path, "alice+staff").await, 403, "{path}");
    }
    assert_eq!((status(&app, "/view", "").await, status(&app, "/view", "bob").await), (200, 200));
}

#[test]
fn roles_are_held_as_they_say() {
    let (alice, bob): (UserId, UserId) = ("alice".parse().unwrap(), "bob".parse().unwrap());
    let groups = Groups::from(["a", "b"]);
    let held = |role: &Role| role.is_held_by(Some(&alice), &groups);
    let (a, b, c) = (Role::group("a"), Role::group("b"), Role::group("c"));
    for role in [
        a.clone(),
        a.clone() & b.clone(),
        a.clone() | c.clone(),
        !c.clone(),
        !(a.clone() & c.clone()),
        Role::any([c.clone(), b.clone()]),
        Role::all([a.clone(), b.clone(), !c.clone()]),
        Role::user(alice.clone()),
        Role::authenticated(),
    ] {
        assert!(held(&role), "{role:?}");
        assert!(!held(&!role.clone()), "{role:?}");
        assert!(!held(&(role.clone() & c.clone())), "{role:?}");
        assert!(held(&(role | c.clone())));
    }
    for role in
        [c.clone(), a & c, Role::user(bob), Role::any([]), Role::all([]), Role::group("A"), Role::group(1)]
    {
        assert!(!held(&role), "{role:?}");
    }
    // A user who is named like a group gains nothing, and the other way round.
    assert!(!Role::group("alice").is_held_by(Some(&alice), &groups));
    assert!(!Role::user("a".parse().unwrap()).is_held_by(Some(&alice), &groups));
    let nobody = Groups::none();
    assert!(!Role::authenticated().is_held_by(None, &nobody) && (!b).is_held_by(None, &nobody));
}
