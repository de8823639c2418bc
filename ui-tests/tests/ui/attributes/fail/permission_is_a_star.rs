use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

#[acl_required("*", ARTICLES)]
async fn view() {}

fn main() {}
