use auth_runtime::{Acl, acl, acl_required};
use axum::{Router, routing::get};

const ARTICLES: Acl = acl![(Allow, Group("admins"), ALL)];

#[acl_required(ALL, ARTICLES)]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
