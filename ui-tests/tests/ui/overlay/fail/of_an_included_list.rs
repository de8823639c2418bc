use auth_runtime::{Acl, acl};

const SITE: Acl = acl![overlay = "site", (Allow, Everyone, ["view"])];
const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit"]), ..SITE];

fn main() {}
