extern crate auth_runtime as rt;

const ARTICLES: rt::Acl = rt::acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];

#[derive(Debug)]
struct Acl;
struct Name;
struct Whom;
mod core {}
mod auth_runtime {}

rt::acl_assert!(ARTICLES { everyone can "view"; anonymous cannot "edit"; });

pub(crate) fn main() {
    let _ = (Acl, Name, Whom);
}
