use auth_runtime::{
    auth_required,
    guarded::{Router, get},
};

#[auth_required]
async fn view() {}

async fn create() {}

fn main() {
    let _: Router = Router::new().route("/articles", get(view).post(create));
}
