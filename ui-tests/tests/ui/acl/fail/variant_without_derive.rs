use auth_runtime::{Acl, acl};

#[derive(Clone, Copy)]
enum Can {
    View,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, [Can::View]),
];

fn main() {}
