use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, User("mａllory"), ["edit"]),
];

fn main() {}
