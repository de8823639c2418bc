use auth_runtime::{Acl, Permission, acl};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group("editors"), [Can::Edit])];

mod checks {
    auth_runtime::acl_vocabulary!(super::Can: super::ARTICLES);
}

pub(crate) fn main() {}
