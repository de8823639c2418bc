use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), overlay = "articles"];

fn main() {}
