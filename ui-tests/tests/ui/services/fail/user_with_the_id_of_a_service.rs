use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, User("service:billing"), ["create"]),
];

fn main() {}
