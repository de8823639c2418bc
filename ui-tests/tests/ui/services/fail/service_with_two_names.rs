use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, Service("billing", "crawler"), ["create"]),
];

fn main() {}
