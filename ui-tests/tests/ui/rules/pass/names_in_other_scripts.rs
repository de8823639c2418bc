use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["просмотр", "größe", "閲覧"]),
    (Allow, Group("редакторы"), ["правка"]),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
