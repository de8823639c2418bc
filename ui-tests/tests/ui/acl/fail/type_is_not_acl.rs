use auth_runtime::acl;

const ARTICLES: &str = acl![(Allow, Everyone, ["view"])];

fn main() {}
