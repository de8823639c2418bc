use crate::ui::probe;
use auth_runtime::{
    Permission, permission_required,
    testing::{FakeIdentity, FakePolicy},
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
    Publish,
    Archive,
}

const ARCHIVE: Can = Can::Archive;

#[permission_required(Can::Edit)]
async fn edit() {}

#[permission_required(all(Can::Edit, any(Can::Publish, ARCHIVE)), hide)]
async fn publish() {}

pub(crate) fn main() {
    let layer = |granted: &[Can]| {
        auth_runtime::AuthLayer::new(FakeIdentity::user("alice"))
            .with_policy(FakePolicy::permitting(granted.iter().copied()))
    };
    assert_eq!(probe::with(layer(&[Can::Edit]), edit), 200);
    assert_eq!(probe::with(layer(&[Can::Publish]), edit), 403);
    assert_eq!(probe::with(layer(&[Can::Edit]), publish), 404);
    assert_eq!(probe::with(layer(&[Can::Edit, ARCHIVE]), publish), 200);
}
