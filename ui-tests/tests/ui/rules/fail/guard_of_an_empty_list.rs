use auth_runtime::{Acl, acl_required};

const NOTHING: Acl = Acl::EMPTY;

#[acl_required("edit", NOTHING)]
async fn handler() {}

fn main() {}
