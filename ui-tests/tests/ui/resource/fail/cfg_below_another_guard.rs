use auth_runtime::{Permission, Resource, Rule, User, acl_required, auth_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    View,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["edit"])]
    }
}

#[auth_required]
#[acl_required("edit", article)]
async fn edit(#[cfg(any())] article: Article, #[cfg(not(any()))] article: String) {
    let _ = article;
}

fn main() {}
