use auth_runtime::{Resource, Rule, acl_required};
use axum::{Json, Router, routing::post};

#[derive(serde::Deserialize)]
struct Article {
    title: String,
}

impl Resource for Article {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(auth_runtime::User("alice"), &["edit"])]
    }
}

#[acl_required("edit", Article)]
async fn edit(Json(article): Json<Article>) -> String {
    article.title
}

fn main() {
    let _: Router = Router::new().route("/edit", post(edit));
}
