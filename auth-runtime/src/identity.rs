//! Re-exports authentication: an [`IdentityPolicy`] determines, remembers and forgets the identity of a
//! request.

#[doc(inline)]
pub use auth_identity::identity::*;
#[cfg(feature = "session")]
#[doc(inline)]
pub use auth_session::session;
#[cfg(feature = "encrypted-cookie")]
#[doc(inline)]
pub use auth_session::{EncryptedCookie, EncryptedSession};
