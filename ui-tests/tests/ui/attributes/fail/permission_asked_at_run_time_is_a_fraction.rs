use auth_runtime::{Acl, Principals, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

fn main() {
    let _ = ARTICLES.decide(1.5, &Principals::anonymous());
}
