//! Secret keys: one master secret per [`Key`], several of them in a [`KeyRing`], and what is derived from them.
//!
//! Nothing is ever signed with a master secret itself. For each purpose (what is signed, for which application,
//! under which cookie name, in which format version) a key of its own is derived, so that a value made for one
//! purpose says nothing for another.

#[cfg(feature = "jwt")]
mod derived;
mod error;
mod key;
mod mac;
mod purpose;
mod ring;

pub use error::{KeyError, KeyErrorKind};
pub use key::{Key, KeyId};
pub use ring::{KeyRing, KeyState};

#[cfg(feature = "jwt")]
pub(crate) use derived::DerivedKeys;
pub(crate) use mac::{Authentic, MacKeys, TAG_BYTES};
pub(crate) use purpose::Purpose;
