use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

#[derive(Clone, Copy, Permission)]
enum May {
    View,
}

const ARTICLES: Acl = acl![
    (Allow, Authenticated, [Can::View, Can::Edit]),
    (Allow, Everyone, [May::View]),
];

fn main() {}
