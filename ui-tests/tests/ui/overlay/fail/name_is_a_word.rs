use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![overlay = articles, (Allow, Everyone, ["view"])];

fn main() {}
