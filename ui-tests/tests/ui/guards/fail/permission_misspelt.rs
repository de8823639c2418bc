use auth_runtime::{Acl, acl, acl_required, guards};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

struct Articles;

#[guards]
impl Articles {
    #[acl_required("edti", ARTICLES)]
    async fn edit() {}
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(Articles::edit));
}
