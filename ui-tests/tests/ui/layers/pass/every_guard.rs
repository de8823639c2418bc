use auth_runtime::{
    Acl, Permission, acl, guard,
    guard::{GuardKind, GuardLayer},
    guarded::{Router, any_service},
};
use axum::routing::any;

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
    Write,
}

mod rules {
    use super::{Acl, Can, acl};

    pub(super) const PAGES: Acl = acl![(Allow, Everyone, [Can::Read]), (Allow, Group("staff"), [Can::Write])];
}

const FILES: Acl = rules::PAGES;
const READ: Can = Can::Read;
const FILES_NEXT: Acl = acl![(Allow, Group("staff"), ALL)];
const ANY_USER: GuardLayer = guard::auth!();

fn refused(_: &auth_runtime::Refusal) -> &'static str {
    "no"
}

/// The macro stands in a function with parameters of its own.
fn guarded<T: Clone + Send + Sync + 'static>(router: axum::Router<T>) -> axum::Router<T> {
    router.route_layer(guard::permission!(all(Can::Read, any(Can::Write, READ)), fresh = "10m", hide))
}

macro_rules! by_list {
    ($permission:expr, $list:ident) => {
        guard::acl!($permission, $list)
    };
}

pub(crate) fn main() {
    let layers: [GuardLayer; 9] = [
        ANY_USER,
        guard::auth!(fresh = "1h", acr = ["phr", "phrh"], refusal = refused),
        guard::acl!(any(Can::Write, Can::Read), rules::PAGES, hide),
        guard::acl!(READ, FILES, shadow = FILES_NEXT),
        by_list!("read", FILES),
        guard::acl!("read", acl![(Allow, Authenticated, ["read"])]),
        guard::permission!(Can::Read),
        guard::scope!("files:read", any("files:write", "admin"), hide),
        guard::anonymous!(reason = "a probe asks for it", until = "2027-01-31"),
    ];
    let mut routes: Router = Router::new();
    for (number, layer) in layers.into_iter().enumerate() {
        let service = layer.around(any(|| async { "a file" }));
        routes = routes.route(&format!("/{number}"), any_service(service));
    }
    let guards: Vec<_> = routes.routes().iter().map(|route| &route.guards()[0]).collect();
    let kinds: Vec<_> = guards.iter().map(|guard| guard.kind()).collect();
    assert_eq!(kinds[..2], [GuardKind::AnyUser; 2]);
    assert_eq!(kinds[2..6], [GuardKind::ByAcl; 4]);
    assert_eq!(kinds[6..], [GuardKind::ByPolicy, GuardKind::ByScope, GuardKind::Anybody]);
    assert_eq!((guards[2].permission(), guards[2].context()), (Some("any(Can::Write, Can::Read)"), Some("rules::PAGES")));
    assert_eq!((guards[3].context(), guards[3].shadow_context()), (Some("FILES"), Some("FILES_NEXT")));
    assert_eq!(guards[7].scope_names(), ["files:read", "files:write", "admin"]);
    assert!(guards.iter().all(|guard| guard.is_layer()));
    assert_eq!(routes.routes()[8].reason(), Some("a probe asks for it"));
    let _: axum::Router = guarded(axum::Router::new().route("/", axum::routing::get(|| async { "a file" })));
}
