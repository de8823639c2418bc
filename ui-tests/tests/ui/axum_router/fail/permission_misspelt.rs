use auth_runtime::{Acl, acl, acl_required};
use axum::{Router, routing::put};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[acl_required("edti", ARTICLES)]
async fn edit() {}

fn main() {
    let _: Router = Router::new().route("/articles", put(edit));
}
