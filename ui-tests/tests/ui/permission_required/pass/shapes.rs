use crate::ui::probe;
use auth_runtime::{Permission, UserId, permission_required};
use axum::extract::Path;
use serde::de::DeserializeOwned;

#[derive(Clone, Copy, Permission)]
enum Can {
    Publish,
    Archive,
}

mod rights {
    pub(super) const ARCHIVE: super::Can = super::Can::Archive;
}

/// Documented.
#[permission_required(Can::Publish)]
pub(crate) async fn publish<T>(user: UserId, Path(_): Path<T>, body: String) -> String
where
    T: DeserializeOwned + Send,
{
    format!("{user}: {body}")
}

#[permission_required(rights::ARCHIVE, crate = auth_runtime)]
async fn archive() {}

pub(crate) fn main() {
    assert_ne!(probe::nobody(publish::<u64>), 200);
    assert_ne!(probe::nobody(archive), 200);
}
