use auth_runtime::{Acl, acl};

const SITE: Acl = acl![(Allow, Everyone, ["view"])];

const NAMES: [&str; 1] = ["view"];
const ARTICLES: Acl = acl![(Deny, User("mallory"), ALL), ..NAMES];
const BOTH: Acl = acl![..SITE, ..ARTICLES];

fn main() {}
