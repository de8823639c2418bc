use auth_runtime::{Acl, acl, acl_required};

struct Article;

impl Article {
    const ACL: Acl = acl![(Allow, Everyone, ["edit"])];

    #[acl_required("edit", Self::ACL)]
    async fn edit() {}
}

fn main() {}
