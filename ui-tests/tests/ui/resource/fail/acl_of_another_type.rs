use auth_runtime::{Acl, Resource, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

struct Article;

impl Resource for Article {
    fn acl(&self) -> impl IntoIterator<Item = &'static str> {
        let _ = ARTICLES;
        ["view"]
    }
}

fn main() {}
