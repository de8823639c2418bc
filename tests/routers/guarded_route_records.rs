//! A guarded router tells what stands before each of its routes.

use auth_runtime::{
    Acl, Permission, acl, acl_required, allow_anonymous, auth_required, guard,
    guard::GuardKind,
    guarded::{
        GuardMetadata, MethodFilter, MethodRouter, Methods, RouteKind, RouteMetadata, Router, any, get, on,
        unguarded,
    },
    permission_required,
};
use axum::{extract::DefaultBodyLimit, http::Method, routing};

#[derive(Clone, Copy, Permission)]
enum Can {
    Outer,
    Publish,
    Seven,
}

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit", "own"])];

#[acl_required(any("edit", "own"), ARTICLES, hide)]
async fn edit() {}

const EDIT_LINE: u32 = line!() - 3;

#[permission_required(Can::Publish)]
async fn publish() {}

#[auth_required]
async fn profile() {}

#[allow_anonymous(reason = "everybody may knock", until = "2027-01-31")]
async fn knock() {}

#[derive(Debug, Eq, PartialEq)]
struct Told<'a>(RouteKind, String, &'a str, Option<&'a str>, Vec<GuardKind>);

fn tell(route: &RouteMetadata) -> Told<'_> {
    let guards = route.guards().iter().map(GuardMetadata::kind).collect();
    Told(route.kind(), route.methods().to_string(), route.path(), route.handler(), guards)
}

#[test]
fn the_record_has_everything_in_the_attribute() {
    let routes: Router = Router::new().route("/articles/{id}", get(edit).put(publish)).route("/", any(knock));
    let [edit, publish, knock] = routes.routes() else { panic!("{routes:?}") };
    let guard = edit.guards().first().unwrap();
    assert_eq!((edit.handler(), edit.file(), edit.line()), (Some("edit"), file!(), EDIT_LINE));
    assert_eq!(guard.permission(), Some(r#"any("edit", "own")"#));
    assert_eq!((guard.context(), guard.acl().map(|acl| acl.rules().len())), (Some("ARTICLES"), Some(2)));
    assert!(guard.is_hidden() && !guard.is_layer());
    assert_eq!((edit.reason(), edit.until()), (None, None));

    let guard = publish.guards().first().unwrap();
    assert_eq!((guard.kind(), guard.permission()), (GuardKind::ByPolicy, Some("publish")));
    assert!(guard.context().is_none() && guard.acl().is_none() && !guard.is_hidden());

    assert_eq!((knock.reason(), knock.until()), (Some("everybody may knock"), Some("2027-01-31")));
    assert_eq!(knock.guards().first().and_then(GuardMetadata::permission), None);
}

#[test]
fn guards_among_layers_are_recorded() {
    let routes: Router = Router::new()
        .route("/method", get(profile).layer(guard::permission!(Can::Seven)).post(profile))
        .route("/others", any(profile).get(profile).route_layer(guard::auth!()))
        .fallback(profile)
        .route_layer(guard::acl!("edit", ARTICLES))
        .layer(DefaultBodyLimit::disable())
        .layer(guard::permission!(Can::Outer))
        .route("/late", get(profile));
    let told: Vec<(String, String)> = routes
        .routes()
        .iter()
        .map(|route| {
            let guards = route.guards().iter().map(|guard| guard.permission().unwrap_or("-"));
            (format!("{} {}", route.methods(), route.path()), guards.collect::<Vec<_>>().join(" "))
        })
        .collect();
    let told: Vec<(&str, &str)> =
        told.iter().map(|(route, guards)| (route.as_str(), guards.as_str())).collect();
    assert_eq!(
        told,
        [
            ("GET /method", "outer edit seven -"),
            ("POST /method", "outer edit -"),
            ("any /others", "outer edit -"),
            ("GET /others", "outer edit - -"),
            ("any /", "outer -"),
            ("GET /late", "-"),
        ]
    );
}

#[test]
fn fallbacks_are_recorded_until_they_are_replaced() {
    let nested = Router::new().fallback(knock).route("/", get(knock)).method_not_allowed_fallback(profile);
    let routes: Router = Router::new().fallback(knock).nest("/nested", nested).fallback(profile);
    let told: Vec<Told<'_>> = routes.routes().iter().map(tell).collect();
    let any = || "any".to_owned();
    let (anonymous, auth) = (|| vec![GuardKind::Anybody], || vec![GuardKind::AnyUser]);
    assert_eq!(
        told,
        [
            Told(RouteKind::Fallback, any(), "/nested", Some("knock"), anonymous()),
            Told(RouteKind::Single, "GET".to_owned(), "/nested", Some("knock"), anonymous()),
            Told(RouteKind::MethodNotAllowed, any(), "/nested", Some("profile"), auth()),
            Told(RouteKind::Fallback, any(), "/", Some("profile"), auth()),
        ]
    );
    assert_eq!(routes.reset_fallback().routes().len(), 2);

    let methods: MethodRouter = get(profile).fallback(knock).fallback(profile);
    assert_eq!(Router::<()>::new().route("/", methods).routes().len(), 2);
}

#[test]
fn services_are_recorded_with_the_line_of_the_call() {
    let routes: Router =
        Router::new().nest_service("/files", unguarded("they are free", routing::any(async || ())));
    let [files] = routes.routes() else { panic!("{routes:?}") };
    assert_eq!((files.kind(), files.path(), files.handler()), (RouteKind::Tree, "/files", None));
    assert_eq!((files.reason(), files.file(), files.line()), (Some("they are free"), file!(), line!() - 3));
}

#[test]
fn methods_are_sets() {
    let routes: Router = Router::new()
        .route("/on", on(MethodFilter::GET.or(MethodFilter::DELETE), profile))
        .route("/any", any(profile));
    let methods: Vec<Methods> = routes.routes().iter().map(RouteMetadata::methods).collect();
    let [some, all] = methods[..] else { panic!("{methods:?}") };
    assert!(some.contains(&Method::GET) && !some.contains(&Method::POST) && !some.is_any());
    assert!(!some.contains(&Method::from_bytes(b"PURGE").unwrap()));
    assert!(all.is_any() && all.contains(&Method::from_bytes(b"PURGE").unwrap()));
    assert_eq!((some.names().collect::<Vec<_>>(), all.names().count()), (vec!["GET", "DELETE"], 0));
}
