use auth_runtime::{Acl, acl, acl_required, auth_required};
use axum::{Router, extract::State, routing::get};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[auth_required]
#[acl_required("view", ARTICLES)]
#[axum::debug_handler(state = u64)]
async fn show(State(number): State<u64>, body: String) -> String {
    format!("{number} {body}")
}

pub(crate) fn main() {
    let _: Router = Router::new().route("/", get(show)).with_state(7);
}
