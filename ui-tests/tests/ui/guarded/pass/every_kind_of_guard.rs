use auth_runtime::{Acl, Permission, acl, acl_required, allow_anonymous, auth_required, guard::{GuardKind, Permit}, guarded::{Router, get}, permission_required, permit, scope_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit", "delete"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[acl_required("edit", ARTICLES)]
async fn by_list() {}

#[auth_required]
async fn by_user() {}

#[permission_required(Can::Edit)]
async fn by_policy() {}

#[scope_required("edit")]
async fn by_scope() {}

#[allow_anonymous]
async fn open() {}

#[auth_required]
#[acl_required("edit", ARTICLES)]
async fn by_both() {}

permit! {
    struct MayDelete = "delete" in ARTICLES;
}

async fn by_permit(_permit: Permit<MayDelete>) {}

pub(crate) fn main() {
    let routes: Router = Router::new()
        .route("/list", get(by_list))
        .route("/user", get(by_user))
        .route("/policy", get(by_policy))
        .route("/scope", get(by_scope))
        .route("/open", get(open))
        .route("/both", get(by_both))
        .route("/permit", get(by_permit));
    let kinds: Vec<Vec<GuardKind>> = routes
        .routes()
        .iter()
        .map(|route| route.guards().iter().map(|guard| guard.kind()).collect())
        .collect();
    assert_eq!(
        kinds,
        [
            vec![GuardKind::ByAcl],
            vec![GuardKind::AnyUser],
            vec![GuardKind::ByPolicy],
            vec![GuardKind::ByScope],
            vec![GuardKind::Anybody],
            vec![GuardKind::AnyUser, GuardKind::ByAcl],
            vec![GuardKind::ByAcl],
        ]
    );
    assert_eq!(routes.routes()[6].handler(), Some("by_permit"));
}
