use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = "my articles", (Allow, Everyone, ["view"])];

fn main() {}
