use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = "articles", overlay = "site", (Allow, Everyone, ["view"])];

fn main() {}
