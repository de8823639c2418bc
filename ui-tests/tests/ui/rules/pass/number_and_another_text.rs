use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, [7, "8"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 1);
}
