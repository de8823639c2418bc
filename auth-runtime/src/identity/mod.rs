//! Authentication: [`IdentityPolicy`] determines, remembers and forgets the identity of a request.

#[cfg(feature = "encrypted-cookie")]
mod encrypted_cookie;
#[cfg(feature = "session")]
pub mod session;

#[doc(inline)]
pub use auth_identity::identity::*;
#[cfg(feature = "encrypted-cookie")]
pub use encrypted_cookie::{EncryptedCookie, EncryptedSession};
