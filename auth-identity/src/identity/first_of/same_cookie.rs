//! Detects two policies with the same cookie.

use cookie::Cookie;
use http::header;

use crate::identity::Effects;

/// Returns whether `other` writes one of the cookies that `effects` write: same name, domain and path.
pub(super) fn is_written_by_both(effects: &Effects, other: &Effects) -> bool {
    cookies(other).any(|removed| {
        let place = |cookie: &Cookie<'_>| {
            (cookie.name().to_owned(), cookie.domain().map(str::to_owned), cookie.path().map(str::to_owned))
        };
        let removed = place(&removed);
        cookies(effects).any(|written| place(&written) == removed)
    })
}

fn cookies(effects: &Effects) -> impl Iterator<Item = Cookie<'_>> {
    let written = effects.headers().filter(|(name, _)| name == header::SET_COOKIE);
    written.filter_map(|(_, value)| Cookie::parse(value.to_str().ok()?).ok())
}
