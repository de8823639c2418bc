use auth_runtime::{Permission, Resource, Rule, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

#[acl_required("edit", _)]
async fn delete(_: Article) {}

fn main() {}
