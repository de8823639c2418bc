use auth_runtime::{
    Acl, acl,
    guard::Permit,
    guarded::{Router, get},
    permit,
};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];

permit! {
    struct MayDelete = "delete" in ARTICLES;
}

pub(crate) fn main() {
    let routes: Router = Router::new().route("/", get(|_: Permit<MayDelete>| async { "gone" }));
    let [route] = routes.routes() else { panic!("{routes:?}") };
    assert_eq!((route.handler(), route.file()), (Some("closure"), file!()));
    assert_eq!(route.guards()[0].permission(), Some("delete"));
}
