use crate::ui::probe;

mod deep {
    pub mod renamed {
        pub use auth_runtime::*;
    }
}

use deep::renamed;

const ARTICLES: renamed::Acl = renamed::acl![(Allow, Group("editors"), ["edit"])];

#[renamed::acl_required("edit", ARTICLES, crate = super::crate_under_another_name::deep::renamed)]
#[renamed::auth_required(crate = deep::renamed, hide)]
async fn handler() {}

#[derive(renamed::Permission)]
#[permission(crate = renamed)]
enum Can {
    Edit,
}

#[renamed::permission_required(Can::Edit, crate = renamed)]
async fn permitted() {}

#[renamed::allow_anonymous(crate = self::renamed)]
async fn public() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::editor(handler), 200);
    assert_ne!(probe::nobody(permitted), 200);
    assert_eq!(probe::nobody(public), 200);
}
