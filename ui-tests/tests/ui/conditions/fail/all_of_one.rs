use auth_runtime::{Acl, Condition, acl};

const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if all(DAY)),
];

fn main() {}
