use auth_runtime::{Acl, acl, permit};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

permit! {
    pub struct MayView = "view" in ARTICLES, anonymous;
}

fn main() {}
