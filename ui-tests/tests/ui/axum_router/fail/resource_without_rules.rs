use auth_runtime::acl_required;
use axum::{Router, extract::FromRequestParts, http::request::Parts, routing::post};

struct Article;

impl<S: Sync> FromRequestParts<S> for Article {
    type Rejection = ();

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, ()> {
        Ok(Self)
    }
}

#[acl_required("edit", article)]
async fn edit(article: Article) {
    drop(article);
}

fn main() {
    let _: Router = Router::new().route("/edit", post(edit));
}
