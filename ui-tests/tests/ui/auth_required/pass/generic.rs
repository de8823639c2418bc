use crate::ui::probe;
use auth_runtime::auth_required;
use axum::extract::Path;
use serde::de::DeserializeOwned;
use std::fmt::Display;

#[auth_required]
async fn handler<T: Display + DeserializeOwned + Send>(Path(id): Path<T>) -> String {
    id.to_string()
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler::<u64>), 401);
}
