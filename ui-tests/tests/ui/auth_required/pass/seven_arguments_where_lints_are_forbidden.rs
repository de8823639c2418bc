#![forbid(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_arguments,
    unused,
    dead_code,
    missing_docs
)]

use crate::ui::probe;
use auth_runtime::{Permission, UserId, auth_required, permission_required};
use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, Method, Uri, Version},
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[auth_required]
#[permission_required(Can::Edit)]
async fn handler(
    Path(id): Path<u64>,
    user: UserId,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> String {
    format!("{id} {user} {method} {uri} {version:?} {} {}", headers.len(), body.len())
}

#[auth_required]
async fn under_cfg(
    Path(id): Path<u64>,
    user: UserId,
    method: Method,
    uri: Uri,
    #[cfg(true)] version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> String {
    format!("{id} {user} {method} {uri} {version:?} {} {}", headers.len(), body.len())
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
    assert_eq!(probe::reader(under_cfg), 200);
}
