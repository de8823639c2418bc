use auth_runtime::{Acl, Condition, acl};

const DAY: Condition = Condition::daily("day", "08:00", "18:00");
const ON_CALL: Condition = Condition::custom("on-call");

const ARTICLES: Acl = acl![
    (Allow, Authenticated, ["edit"], if DAY, ON_CALL),
];

fn main() {}
