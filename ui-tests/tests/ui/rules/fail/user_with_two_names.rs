use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, User("alice", "bob"), ["view"]),
];

fn main() {}
