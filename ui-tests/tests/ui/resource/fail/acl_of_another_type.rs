use auth_runtime::{Acl, Permission, Resource, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = &'static str> {
        let _ = ARTICLES;
        ["view"]
    }
}

fn main() {}
