use auth_runtime::{Acl, acl, acl_required};
use axum::{Router, routing::post};

const ARTICLES: Acl = acl![(Allow, Role("editors"), ["edit"])];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {
    let _: Router = Router::new().route("/edit", post(edit));
}
