use auth_runtime::{
    Acl, acl, acl_required, guard,
    guarded::{Router, get},
};

const ADMIN: Acl = acl![(Allow, Group("admins"), ["enter", "restart"])];

#[acl_required("restart", ADMIN)]
async fn restart() {}

pub(crate) fn main() {
    let admin = Router::new()
        .route("/early", get(restart))
        .guarded_by(guard::acl!("enter", ADMIN))
        .route("/late", get(restart))
        .fallback(restart);
    let routes: Router =
        Router::new().guarded_by(guard::auth!()).nest("/admin", admin).route("/", get(restart));
    let told: Vec<String> = routes
        .routes()
        .iter()
        .map(|route| {
            let guards =
                route.guards().iter().map(|guard| guard.permission().unwrap_or("auth"));
            format!("{} {}", route.path(), guards.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "/admin/early auth enter restart",
            "/admin/late auth enter restart",
            "/admin auth enter restart",
            "/ auth restart",
        ]
    );
}
