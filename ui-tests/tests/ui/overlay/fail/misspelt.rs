use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlays = "articles", (Allow, Everyone, ["view"])];

fn main() {}
