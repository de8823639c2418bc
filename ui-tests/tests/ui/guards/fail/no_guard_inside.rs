use auth_runtime::guards;

struct Profile;

#[guards]
impl Profile {
    async fn show() {}
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(Profile::show));
}
