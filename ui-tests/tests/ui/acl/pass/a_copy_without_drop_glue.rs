use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];

const fn is_copy<T: Copy>(_: T) {}

const _: () = is_copy(ARTICLES);
const _: () = assert!(!std::mem::needs_drop::<Acl>());

pub(crate) fn main() {}
