use auth_runtime::{Acl, acl, acl_required};
use axum::{Router, routing::get};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

#[acl_required(["view", "edit"], ARTICLES)]
async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view));
}
