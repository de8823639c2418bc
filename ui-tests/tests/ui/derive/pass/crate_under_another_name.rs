use crate::ui::probe;

mod renamed {
    pub use auth_runtime::*;
}

#[derive(Clone, Copy, renamed::Permission)]
#[permission(crate = self::renamed)]
enum Can {
    View,
}

#[derive(Clone, Copy, renamed::Group)]
#[group(crate = renamed)]
enum Role {
    Editors,
}

const ARTICLES: renamed::Acl = renamed::acl![(Allow, Group(Role::Editors), [Can::View])];

#[renamed::acl_required(Can::View, ARTICLES, crate = renamed)]
async fn handler() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
}
