use auth_runtime::{Acl, acl, acl_vocabulary};

#[derive(Clone, Copy)]
enum Plain {
    View,
}

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

acl_vocabulary!(Plain: ARTICLES);

fn main() {
    let _ = Plain::View;
}
