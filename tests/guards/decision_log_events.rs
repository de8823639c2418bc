//! One event for each decision and each change, in one line, and no secret in any of them.

use std::{collections::BTreeSet, process::Command};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, Basic, BoxError, Group, Groups, Identity, KeyRing, Permission,
    TicketCookie, UserId, acl, acl_required, allow_anonymous, auth_required,
    authorization::now,
    events, guard,
    identity::Password,
    permission_required,
    testing::{FakeIdentity, FakePolicy, USER_HEADER},
};
use axum::{
    Router,
    http::{Request, request::Builder},
    routing::{any, post},
};
use tracing::Level;

use crate::support::{self, Log, Told};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    Publish,
}

#[derive(Clone, Copy, Group)]
enum Role {
    Editors,
}

const PAGES: Acl =
    acl![(Deny, User("mallory"), ALL), (Allow, Group(Role::Editors), [Can::Edit, Can::Publish])];

#[auth_required]
async fn known() {}

#[acl_required(Can::Edit, PAGES)]
async fn edit() {}

#[acl_required(Can::Edit, PAGES, hide)]
async fn hidden() {}

#[acl_required(all(Can::Edit, Can::Publish), PAGES)]
async fn both() {}

#[permission_required(Can::Edit)]
async fn by_policy() {}

#[auth_required]
#[acl_required(Can::Edit, PAGES)]
async fn stacked() {}

#[allow_anonymous]
async fn open() {}

fn app() -> Router {
    let groups = now(|user: Option<&UserId>| match user.map(UserId::as_str) {
        Some("blocked") => Ok(None),
        Some("unlucky") => Err(BoxError::from("the directory is down")),
        Some("alice" | "mallory") => Ok(Some(Groups::from([Role::Editors]))),
        _ => Ok(Some(Groups::none())),
    });
    let layer = AuthLayer::new(FakeIdentity::by_header())
        .with_groups(groups)
        .with_policy(FakePolicy::permitting([Can::Edit]));
    Router::new()
        .route("/known", any(known))
        .route("/edit", any(edit))
        .route("/hidden", any(hidden))
        .route("/both", any(both))
        .route("/policy", any(by_policy))
        .route("/stacked", any(stacked))
        .route("/open", any(open))
        .route("/layer", any(open).layer(guard::acl!(Can::Edit, PAGES)))
        .layer(layer)
}

fn ask(path: &str, user: &str) -> Builder {
    let request = Request::post(path);
    if user.is_empty() { request } else { request.header(USER_HEADER, user) }
}

/// Runs something, and returns what it told but for explanations, which `explanations` tests.
async fn told_of<T>(doing: impl Future<Output = T>) -> (T, Vec<Told>) {
    let (done, told) = Log::of(doing).await;
    (done, told.into_iter().filter(|told| told.message != "explanation").collect())
}

/// What an event says, without the place of the guard.
fn line(told: &Told) -> String {
    let names =
        ["user", "permission", "context", "reason", "rule", "rule_id", "status", "operation", "error"];
    let fields = names.into_iter().filter(|name| !told.field(name).is_empty());
    let fields: String = fields.flat_map(|name| [" ", name, "=", told.field(name)]).collect();
    format!("{} {}{fields}", told.level, told.message)
}

#[tokio::test]
async fn each_decision_is_logged_once_with_the_documented_fields() {
    let edit = "permission=edit context=PAGES";
    for (path, user, expected) in [
        ("/open", "alice", vec![]),
        ("/known", "alice", vec!["DEBUG allow user=alice reason=authenticated".to_owned()]),
        ("/known", "", vec!["INFO deny reason=anonymous status=401".into()]),
        ("/known", "blocked", vec!["INFO deny user=blocked reason=blocked status=403".into()]),
        ("/edit", "alice", vec![format!("DEBUG allow user=alice {edit} reason=rule rule=2")]),
        ("/edit", "mallory", vec![format!("INFO deny user=mallory {edit} reason=rule rule=1 status=403")]),
        ("/edit", "bob", vec![format!("INFO deny user=bob {edit} reason=no_rule status=403")]),
        ("/edit", "", vec![format!("INFO deny {edit} reason=no_rule status=401")]),
        ("/edit", "blocked", vec![format!("INFO deny user=blocked {edit} reason=blocked status=403")]),
        ("/hidden", "bob", vec![format!("INFO deny user=bob {edit} reason=no_rule status=404")]),
        (
            "/edit",
            "unlucky",
            vec![
                "ERROR failed operation=groups error=the directory is down".into(),
                format!("INFO deny user=unlucky {edit} reason=failure status=503"),
            ],
        ),
        ("/both", "alice", vec!["DEBUG allow user=alice permission=all(Can::Edit, Can::Publish) context=PAGES reason=rule rule=2".into()]),
        ("/policy", "bob", vec!["DEBUG allow user=bob permission=edit reason=policy".into()]),
        (
            "/stacked",
            "alice",
            vec![
                "DEBUG allow user=alice reason=authenticated".into(),
                format!("DEBUG allow user=alice {edit} reason=rule rule=2"),
            ],
        ),
        ("/layer", "bob", vec![format!("INFO deny user=bob {edit} reason=no_rule status=403")]),
        (
            "/known",
            " bad ",
            vec![
                "INFO bad credential error=the credential is not valid".into(),
                "INFO deny reason=anonymous status=401".into(),
            ],
        ),
    ] {
        let (_, told) = told_of(support::ask(&app(), ask(path, user))).await;
        assert_eq!(told.iter().map(line).collect::<Vec<_>>(), expected, "{path} {user}");
        for event in &told {
            assert_eq!(event.target, events::TARGET);
            let guarded = matches!(event.message.as_str(), "allow" | "deny");
            let place = event.field("guard");
            assert_eq!(guarded, !place.is_empty());
            assert_eq!(guarded && path == "/layer", place.ends_with(" layer"), "{place}");
            assert!(!guarded || place.starts_with("tests/guards/decision_log_events.rs:"), "{place}");
        }
    }
    let foreign = ask("/known", "alice").header("sec-fetch-site", "cross-site");
    let (_, told) = told_of(support::ask(&app(), foreign)).await;
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), ["INFO deny reason=cross_origin status=403"]);
}

#[tokio::test]
async fn the_fields_are_those_of_the_table() {
    let (allow, deny) = (["context", "guard", "permission", "reason", "rule", "user"], "status");
    for (user, all) in
        [("alice", BTreeSet::from(allow)), ("mallory", allow.into_iter().chain([deny]).collect())]
    {
        let (_, told) = told_of(support::ask(&app(), ask("/edit", user))).await;
        let names: BTreeSet<&str> = told[0].fields.keys().map(String::as_str).collect();
        assert_eq!(names, all);
    }
}

#[tokio::test]
async fn each_change_is_logged_once() {
    async fn change(auth: Auth) -> Result<(), AuthError> {
        auth.user_id().await?;
        auth.remember("bob").await?;
        auth.forget().await
    }
    async fn read(_: Option<UserId>) {}
    let routes = || Router::new().route("/change", post(change)).route("/read", post(read));
    let app = routes().layer(AuthLayer::new(FakeIdentity::user_due_for_renewal("alice")));
    for (path, expected) in [
        ("/change", vec!["INFO logged in user=bob", "INFO logged out user=bob"]),
        ("/read", vec!["DEBUG renewed user=alice"]),
    ] {
        let (_, told) = told_of(support::ask(&app, Request::post(path))).await;
        assert_eq!(told.iter().map(line).collect::<Vec<_>>(), expected);
    }
    let app = routes().layer(AuthLayer::new(FakeIdentity::failing()));
    let (_, told) = told_of(support::ask(&app, Request::post("/read"))).await;
    let [event] = &told[..] else { panic!("{told:?}") };
    assert_eq!((event.level, event.field("operation")), (Level::ERROR, "identify"));
    assert_eq!(event.field("source"), "the store is down");
}

/// The layer calls `forget` to remove the credential of a user who does not exist. That the policy has no log-out is not a
/// mistake of the application, which never asked for one; a log-out in a handler still is.
#[tokio::test]
async fn a_policy_without_a_log_out_logs_no_error_for_a_user_who_does_not_exist() {
    async fn log_out(auth: Auth) -> Result<(), AuthError> {
        auth.forget().await
    }
    let basic = Basic::new(|name: String, _: Password| async move { Ok(Some(Identity::new(name)?)) });
    let layer =
        AuthLayer::new(basic).with_users(|user: UserId| async move { Ok((user == "alice").then_some(())) });
    let app = Router::new().route("/known", any(known)).route("/logout", post(log_out)).layer(layer);
    let ask = |path: &str, credentials: &str| {
        Request::post(path).header("authorization", format!("Basic {credentials}"))
    };
    let (_, told) = told_of(support::ask(&app, ask("/known", "Z2hvc3Q6eA=="))).await;
    let expected = ["INFO unknown user user=ghost", "INFO deny reason=anonymous status=401"];
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), expected);
    let (_, told) = told_of(support::ask(&app, ask("/logout", "YWxpY2U6eA=="))).await;
    let [event] = &told[..] else { panic!("{told:?}") };
    assert_eq!((event.level, event.field("operation")), (Level::ERROR, "forget"));
}

#[tokio::test]
async fn log_injection_one_event_is_one_line() {
    let hostile = [
        "a\r\nINFO allow user=root",
        "a\nb",
        "a\rb",
        "\u{1B}[31mred\u{1B}[0m",
        "\u{1B}]0;title\u{7}",
        "a\u{85}b",
        "a\u{2028}b\u{2029}c",
        "\u{202E}evil\u{202C}",
        "\u{2066}x\u{2069}",
        "\0",
        "\u{8}\u{8}\u{8}",
        "\t\u{B}\u{C}",
        "\u{9B}31m",
    ];
    for cause in hostile {
        let layer =
            AuthLayer::new(FakeIdentity::user("alice")).with_groups(now(move |_| Err(BoxError::from(cause))));
        let app = Router::new().route("/", any(known)).layer(layer);
        let (_, told) = told_of(support::ask(&app, Request::get("/"))).await;
        assert_eq!(told.len(), 2);
        for text in told.iter().flat_map(|event| event.fields.values()) {
            let breaks =
                |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
            assert!(!text.contains(breaks), "{text:?}");
        }
        // A hostile name is not a valid name in the first place.
        assert!(UserId::new(cause).is_err(), "{cause:?}");
    }
}

/// What a program does whose author has not installed a subscriber; [`without_a_subscriber_a_misconfiguration_is_shown_once`]
/// runs it in a process of its own, since this one has a subscriber.
#[tokio::test]
#[ignore = "the child process of another test"]
async fn child_without_a_subscriber() {
    async fn login(auth: Auth) -> Result<(), AuthError> {
        auth.remember("alice").await
    }
    let bare = Router::new().route("/known", any(known)).route("/layer", any(open).layer(guard::auth!()));
    let cookie = TicketCookie::new(KeyRing::random()).with_insecure_http_on_loopback().unwrap();
    let layered =
        Router::new().route("/known", any(known)).route("/login", post(login)).layer(AuthLayer::new(cookie));
    for _ in 0..3 {
        for path in ["/known", "/layer"] {
            assert_eq!(support::ask(&bare, ask(path, "")).await.status, 500);
        }
        assert_eq!(support::ask(&layered, ask("/known", "")).await.status, 401);
        assert_eq!(support::ask(&layered, ask("/login", "")).await.status, 500);
    }
    if std::env::var_os("SUBSCRIBE").is_some() {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    }
    let groups =
        Router::new().route("/policy", any(by_policy)).layer(AuthLayer::new(FakeIdentity::by_header()));
    assert_eq!(support::ask(&groups, ask("/policy", "alice")).await.status, 500);
}

#[test]
fn without_a_subscriber_a_misconfiguration_is_shown_once() {
    let stderr_of = |variable: &str| {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "decision_log_events::child_without_a_subscriber"])
            .env(variable, "1")
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "{child:?}");
        String::from_utf8(child.stderr).unwrap()
    };
    let shown = stderr_of("NOTHING");
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("auth-runtime: ")).collect();
    for part in ["add `.layer(AuthLayer::new(…))`", "into_make_service_with_connect_info", "with_policy"] {
        assert_eq!(lines.iter().filter(|line| line.contains(part)).count(), 1, "{part}: {shown}");
    }
    // A refused request is none of the developer's business, and each message is shown once.
    assert_eq!(lines.len(), 3, "{shown}");
    // Where there is a subscriber, it has the events, and standard error is the application's.
    let shown = stderr_of("SUBSCRIBE");
    assert_eq!(shown.lines().filter(|line| line.starts_with("auth-runtime: ")).count(), 2, "{shown}");
    assert!(!shown.contains("with_policy"), "{shown}");
}
