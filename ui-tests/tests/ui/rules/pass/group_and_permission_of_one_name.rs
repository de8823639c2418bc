use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![
    (Allow, Group("edit"), [Can::Edit]),
    (Allow, User("edit"), [Can::View]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
