use auth_runtime::{Acl, acl};

struct Article;

impl Article {
    const ACL: Acl = acl![(Allow, Everyone, ["view"])];
}

pub(crate) fn main() {
    assert_eq!(Article::ACL.rules().len(), 1);
}
