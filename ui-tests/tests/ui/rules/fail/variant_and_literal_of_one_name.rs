use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View]),
    (Allow, Authenticated, ["edit"]),
    (Allow, Group("editors"), [Can::Edit]),
];

fn main() {}
