use auth_runtime::{
    Acl, acl,
    guard::Permit,
    guarded::{Router, delete},
    permit,
};
use axum::extract::Path;

const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"])];

permit! {
    struct MayDelete = "delete" in ARTICLES;
}

async fn remove(Path(_): Path<u64>, _permit: Permit<MayDelete>) {}

fn main() {
    let _: Router = Router::new().route("/articles/{id}", delete(remove));
}
