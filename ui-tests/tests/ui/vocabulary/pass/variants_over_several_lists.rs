use auth_runtime::{Acl, Permission, acl, acl_vocabulary};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
    Comment,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group("editors"), [Can::Edit])];

const COMMENTS: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Authenticated, ["comment"])];

acl_vocabulary!(Can: ARTICLES, COMMENTS);

pub(crate) fn main() {}
