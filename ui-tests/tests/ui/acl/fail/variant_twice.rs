use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View, Can::View]),
];

fn main() {}
