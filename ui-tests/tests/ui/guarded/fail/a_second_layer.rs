use auth_runtime::{
    AuthLayer, auth_required,
    guarded::{App, Router, get},
};

#[auth_required]
async fn view() {}

fn app(routes: Router, auth: AuthLayer) -> App {
    routes.route("/view", get(view)).with_auth(auth.clone()).with_auth(auth)
}

fn main() {}
