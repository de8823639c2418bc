use crate::ui::probe;
use auth_runtime::auth_required;

#[inline]
#[cfg_attr(true, must_use)]
#[auth_required]
#[cfg(not(windows))]
async fn handler() -> &'static str {
    "profile"
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(handler), 401);
}
