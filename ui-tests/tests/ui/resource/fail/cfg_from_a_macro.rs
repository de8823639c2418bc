use auth_runtime::{Resource, Rule, User, acl_required};

struct Article;

impl Resource for Article {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["edit"])]
    }
}

macro_rules! handlers {
    ($(#[$attribute:meta])* $article:ident) => {
        #[acl_required("edit", $article)]
        async fn edit($(#[$attribute])* $article: Article) {}
    };
}

handlers!(#[cfg(any())] article);

fn main() {}
