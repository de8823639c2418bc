use crate::ui::probe;
use auth_runtime::{
    Permission, permission_required,
    testing::{FakeIdentity, FakePolicy},
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Publish,
}

#[permission_required("edit")]
async fn edit() {}

#[permission_required(all("edit", any(Can::Publish, 7)), hide)]
async fn publish() {}

pub(crate) fn main() {
    let layer = || {
        auth_runtime::AuthLayer::new(FakeIdentity::user("alice"))
            .with_policy(FakePolicy::permitting(["edit"]))
    };
    assert_eq!(probe::with(layer(), edit), 200);
    assert_eq!(probe::with(layer(), publish), 404);
}
