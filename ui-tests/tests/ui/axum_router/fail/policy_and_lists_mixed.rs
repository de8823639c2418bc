use auth_runtime::{Acl, acl, permission_required};
use axum::{Router, routing::post};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

#[permission_required("edit", ARTICLES)]
async fn edit() {}

fn main() {
    let _: Router = Router::new().route("/edit", post(edit));
}
