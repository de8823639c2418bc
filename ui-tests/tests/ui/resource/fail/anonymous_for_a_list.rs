use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[acl_required("view", ARTICLES, anonymous)]
async fn view() {}

fn main() {}
