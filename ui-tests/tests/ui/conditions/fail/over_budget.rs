use auth_runtime::{Acl, Condition, acl};

const DAY: Condition = Condition::daily("day", "08:00", "18:00");

const ARTICLES: Acl = acl![
    budget = 1,
    (Allow, Authenticated, ["edit"], if DAY),
    (Allow, Group("editors"), ["edit"]),
];

fn main() {}
