//! Re-exports the entry points of fuzz targets from the crates that have them.

#[cfg(all(feature = "key-store", feature = "redis"))]
pub use auth_identity::fuzzing::stored_text;
pub use auth_identity::fuzzing::ticket_payload;
#[cfg(feature = "jwt")]
pub use auth_jwt::fuzzing::stored_refresh;
#[cfg(feature = "encrypted-cookie")]
pub use auth_session::fuzzing::encrypted_content;
#[cfg(feature = "session")]
pub use auth_session::fuzzing::{session_record, session_secret};
