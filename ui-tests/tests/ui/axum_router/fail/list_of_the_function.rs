use auth_runtime::{acl, acl_required};
use axum::{Router, routing::post};

fn main() {
    let articles = acl![(Allow, Group("editors"), ["edit"])];

    #[acl_required("edit", articles)]
    async fn edit() {}

    let _: Router = Router::new().route("/edit", post(edit));
}
