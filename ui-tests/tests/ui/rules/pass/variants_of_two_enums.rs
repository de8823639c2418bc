use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

#[derive(Clone, Copy, Permission)]
enum May {
    Purge,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View, May::Purge]),
    (Allow, Group("editors"), [Can::Edit, "archive"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
