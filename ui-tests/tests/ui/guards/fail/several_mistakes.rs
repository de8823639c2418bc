use auth_runtime::{Acl, acl, acl_required, auth_required, guards};

const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"])];

struct Articles;

#[guards]
impl Articles {
    #[acl_required("edit")]
    async fn edit() {}

    #[auth_required]
    #[acl_required(edit, ARTICLES)]
    fn publish(&self) {}

    #[acl_required("edit", Self::RULES)]
    async fn remove() {}

    #[auth_required = "7"]
    async fn archive() {}
}

fn main() {}
