use auth_runtime::{Acl, acl};

static ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 1);
}
