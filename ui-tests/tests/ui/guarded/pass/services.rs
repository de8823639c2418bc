use auth_runtime::{Acl, Permission, acl, guard, guarded::{MethodRouter, RouteKind, Router, any_service, get_service, unguarded}};
use axum::routing::any;

const FILES: Acl = acl![(Allow, Group("staff"), ["read"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
}

pub(crate) fn main() {
    let files = || any(|| async { "a file" });
    let methods: MethodRouter =
        get_service(guard::auth!().around(files())).fallback_service(unguarded("they are free", files()));
    let routes: Router = Router::new()
        .route_service("/one", guard::auth!().around(files()))
        .nest_service("/files", guard::acl!("read", FILES, hide).around(files()))
        .route("/methods", methods)
        .route("/any", any_service(guard::permission!(Can::Read).around(files())))
        .fallback_service(unguarded("the shell of the application is public", files()));
    let [one, tree, get, others, any, fallback] = routes.routes() else { panic!("{routes:?}") };
    assert_eq!(
        (one.kind(), tree.kind(), fallback.kind()),
        (RouteKind::Single, RouteKind::Tree, RouteKind::Fallback)
    );
    assert_eq!(tree.guards()[0].permission(), Some("read"));
    assert_eq!(tree.guards()[0].acl().map(|acl| acl.rules().len()), Some(1));
    assert!(tree.guards()[0].is_hidden() && tree.guards()[0].is_layer());
    assert_eq!((get.methods().to_string(), others.reason()), ("GET".to_owned(), Some("they are free")));
    assert_eq!((any.line(), any.file()), (19, file!()));
    assert!(fallback.guards().is_empty() && fallback.reason().is_some());
}
