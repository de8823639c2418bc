use auth_runtime::{Acl, acl, guard};
use axum::{Router, routing::get};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

async fn view() {}

fn main() {
    let _: Router = Router::new().route("/", get(view)).route_layer(guard::acl("view", ARTICLES));
}
