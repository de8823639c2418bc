use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
];

fn main() {}
