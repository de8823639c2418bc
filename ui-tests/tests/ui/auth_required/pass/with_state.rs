use auth_runtime::{auth_required, testing};
use axum::{Router, extract::State, routing::get};

#[derive(Clone)]
struct Shelf(u64);

#[auth_required]
async fn show(State(Shelf(number)): State<Shelf>) -> String {
    number.to_string()
}

pub(crate) fn main() {
    let _: Router = Router::new().route("/", get(show)).with_state(Shelf(7)).layer(testing::anonymous());
}
