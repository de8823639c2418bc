use auth_runtime::{Acl, Permission, acl, acl_assert};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
    Archive,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View]),
    (Allow, Group("editors"), [Can::Edit]),
];

acl_assert!(ARTICLES {
    anonymous cannot Can::Archive;
});

fn main() {}
