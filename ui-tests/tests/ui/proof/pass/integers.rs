use auth_runtime::{Acl, acl, acl_assert};

const FILES: Acl = acl![(Allow, Everyone, [4]), (Allow, Group(-1), [2, 1])];

acl_assert!(FILES {
    everyone can 4;
    only group -1 can [2, 1];
});

pub(crate) fn main() {}
