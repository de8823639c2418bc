use auth_runtime::{Acl, acl};

#[rustfmt::skip]
mod lists {
    use super::{Acl, acl};

    pub const SITE: Acl = acl![#[rule(id = "all")] (Allow, Everyone, ["view"])]; pub const FILES: Acl = acl![#[rule(id = "all")] (Allow, Everyone, ["download"])];
}

const ARTICLES: Acl = acl![..lists::SITE, ..lists::FILES];

fn main() {}
