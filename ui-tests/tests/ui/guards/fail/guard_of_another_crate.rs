use auth_runtime::guards;

mod other {
    pub use axum::debug_handler as auth_required;
}

struct Profile;

#[guards]
impl Profile {
    #[other::auth_required]
    async fn show() {}
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(Profile::show));
}
