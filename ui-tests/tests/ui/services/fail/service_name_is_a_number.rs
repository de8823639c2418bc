use auth_runtime::{Acl, acl};

const INVOICES: Acl = acl![
    (Allow, Service(7), ["create"]),
];

fn main() {}
