use auth_runtime::{Resource, Rule, User, acl_required};

struct Article;

impl Resource for Article {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["edit"])]
    }
}

#[acl_required("edit", article, anonymous, acr = "phr")]
async fn edit(article: Article) {
    let _ = article;
}

fn main() {}
