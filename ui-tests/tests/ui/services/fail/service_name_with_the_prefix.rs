use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, Service("service:billing"), ["create"]),
];

fn main() {}
