use auth_runtime::{
    AuthLayer, auth_required,
    guarded::{App, Router, get},
};

#[auth_required]
async fn view() {}

fn app(routes: Router, auth: AuthLayer) -> App {
    let app = routes.route("/view", get(view)).with_auth(auth);
    app.method_not_allowed_fallback(async || "none")
}

fn main() {}
