use Can::*;
use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const CHANGE: Can = Edit;

const ARTICLES: Acl = acl![(Allow, Everyone, [View]), (Allow, Authenticated, [CHANGE])];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
