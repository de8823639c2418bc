use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Authenticated, ["edit"])];

#[acl_required("edit", ARTICLES, from_body)]
async fn edit() {}

fn main() {}
