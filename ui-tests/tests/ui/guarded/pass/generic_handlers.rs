use auth_runtime::{
    auth_required,
    guarded::{Router, get},
};
use axum::extract::State;

#[auth_required]
async fn sized<const N: usize>() {}

#[auth_required]
async fn stateful<S: Clone + Send + Sync + ToString + 'static>(State(state): State<S>) -> String {
    state.to_string()
}

fn routes<S: Clone + Send + Sync + ToString + 'static>() -> Router<S> {
    Router::new().route("/sized", get(sized::<3>)).route("/stateful", get(stateful::<S>))
}

pub(crate) fn main() {
    let routes: Router = routes::<u64>().with_state(7);
    assert_eq!(routes.routes()[1].handler(), Some("stateful"));
}
