use crate::ui::probe;
use auth_runtime::{Permission, UserId, permission_required};
use axum::extract::Path;
use serde::de::DeserializeOwned;

#[derive(Clone, Copy, Permission)]
enum Can {
    Publish,
}

/// Documented.
#[permission_required(Can::Publish)]
pub(crate) async fn publish<T>(user: UserId, Path(_): Path<T>, body: String) -> String
where
    T: DeserializeOwned + Send,
{
    format!("{user}: {body}")
}

#[permission_required(-7, crate = auth_runtime)]
async fn number() {}

pub(crate) fn main() {
    assert_ne!(probe::nobody(publish::<u64>), 200);
    assert_ne!(probe::nobody(number), 200);
}
