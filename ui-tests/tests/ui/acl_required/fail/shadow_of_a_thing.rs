use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
const ARTICLES_NEXT: Acl = acl![(Allow, Group("staff"), ["edit"])];
struct Article;

#[acl_required("edit", article, shadow = ARTICLES_NEXT)]
async fn edit(article: Article) {
    let _ = article;
}

fn main() {}
