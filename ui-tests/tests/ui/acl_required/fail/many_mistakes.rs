use auth_runtime::{Acl, acl, acl_required};

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Allow, Group("editors"), ["comment", "edit"]),
];

#[acl_required(any("view", edit, anny("view")), &ARTICLES, hid)]
fn edit(&self) {}

fn main() {}
