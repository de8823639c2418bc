use auth_runtime::{
    AuthLayer, auth_required, guard,
    guarded::{App, Router, get},
};

#[auth_required]
async fn view() {}

fn app(routes: Router, auth: AuthLayer) -> App {
    routes.route("/view", get(view)).with_auth(auth).guarded_by(guard::auth!())
}

fn main() {}
