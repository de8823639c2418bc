use auth_runtime::{Resource, Rule, acl_required};

struct Article;

impl Resource for Article {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

#[acl_required("edit", Article)]
async fn publish(_: Article) {}

fn main() {}
