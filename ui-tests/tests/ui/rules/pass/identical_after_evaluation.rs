use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

use Can as Short;

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View]),
    (Allow, Everyone, [Short::View]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
