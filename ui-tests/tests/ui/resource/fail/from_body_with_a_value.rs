use auth_runtime::{Permission, Resource, Rule, User, acl_required};
use axum::Json;

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

#[derive(serde::Deserialize)]
struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &[Can::Edit, Can::View])]
    }
}

#[acl_required("edit", article, from_body = true)]
async fn edit(article: Json<Article>) {
    let _ = article;
}

fn main() {}
