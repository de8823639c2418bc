use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission(name = "viеw")]
    View,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View]),
];

fn main() {}
