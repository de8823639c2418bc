use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, Service("billing"), ["create"]),
    (Deny, Service("billing"), ["create"]),
];

fn main() {}
