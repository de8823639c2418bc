use auth_runtime::{Resource, Rule, User, acl_required, auth_required};

struct Article;

impl Resource for Article {
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
