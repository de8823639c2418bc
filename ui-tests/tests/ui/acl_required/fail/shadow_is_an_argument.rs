use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];
const ARTICLES_NEXT: Acl = acl![(Allow, Group("staff"), ["edit"])];

#[acl_required("edit", ARTICLES, shadow = next)]
async fn edit() {}

fn main() {}
