use auth_runtime::{Acl, acl, acl_assert};

const NEWS: Acl = acl![overlay = widening("news"), (Allow, Group("editors"), ["publish"])];

acl_assert!(NEWS {
    group "editors" can "publish";
    anonymous cannot "publish";
});

fn main() {}
