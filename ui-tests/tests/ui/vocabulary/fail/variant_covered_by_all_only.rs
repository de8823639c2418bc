use auth_runtime::{Acl, Permission, acl, acl_vocabulary};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
    Edit,
    Archive,
}

const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group("editors"), [Can::Edit])];

const FILES: Acl = acl![(Allow, Group("admins"), ALL)];

acl_vocabulary!(Can: ARTICLES, FILES);

fn main() {}
