use auth_runtime::{Acl, acl, acl_required};
use axum::{Router, routing::post};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ALL),
    (Deny, User("mallory"), ["edit"]),
];

#[acl_required("edit", ARTICLES)]
async fn edit() {}

fn main() {
    let _: Router = Router::new().route("/edit", post(edit));
}
