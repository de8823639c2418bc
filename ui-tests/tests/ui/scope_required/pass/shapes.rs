use crate::ui::probe;
use auth_runtime::{Refusal, UserId, scope_required};
use axum::{extract::Path, http::StatusCode};
use serde::de::DeserializeOwned;

fn teapot(_: &Refusal) -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

/// Documented.
#[scope_required("articles:read", any("articles:write", all("a", "b!#$%&'()*+,-./:;<=>?@[]^_`{|}~")))]
pub(crate) async fn edit<T>(user: UserId, Path(_): Path<T>, body: String) -> String
where
    T: DeserializeOwned + Send,
{
    format!("{user}: {body}")
}

#[scope_required("articles:read", fresh = "10m", refusal = teapot, crate = auth_runtime)]
async fn view() {}

/// One scope in both ways is what a thoughtful reader asks about, and no mistake.
#[scope_required("a", any("a", "b"), hide)]
async fn hidden() {}

pub(crate) fn main() {
    assert_eq!(probe::nobody(edit::<u64>), 401);
    assert_eq!(probe::nobody(view), 418);
    assert_eq!(probe::nobody(hidden), 404);
}
