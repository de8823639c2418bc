use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

use Can as Self_;

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View, Self_::View]),
];

fn main() {}
