use auth_runtime::{Permission, Resource, Rule, User, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

struct Article;

impl Resource for Article {
    type Permission = ();

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &[Can::View, Can::Edit])]
    }
}

#[acl_required("edit", article)]
async fn edit(article: Article) {
    let _ = article;
}

fn main() {}
