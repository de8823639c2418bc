use auth_runtime::{Acl, acl_required};

trait Rules {
    const ACL: Acl;
}

#[acl_required("edit", T::ACL)]
async fn edit<T: Rules>() {}

fn main() {}
