//! Groups the refresh tokens of one log-in: [`RefreshFamily`], as stores keep it.

use super::{Grant, TokenHash, TokenSalt};
use auth_identity::clock::UnixTime;

/// The stored state of one log-in; no token can be derived from it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "stores have to write it down and to put it together again")]
pub struct RefreshFamily {
    /// The user's grant
    pub grant: Grant,
    /// The newest token
    pub current: TokenHash,
    /// The last used token
    pub previous: Option<TokenHash>,
    /// From this and the last used token, the newest token can be derived; only with a grace period
    pub salt: Option<TokenSalt>,
    /// When the family began with a log-in; each access token of the family has this time, and is revoked by
    /// it
    pub began: UnixTime,
    /// When the last token was used
    pub rotated: UnixTime,
    /// The expiry of the newest token
    pub idle_until: UnixTime,
    /// The expiry of the family
    pub expires: UnixTime,
}
