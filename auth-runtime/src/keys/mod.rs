//! Secret keys: one master secret per [`Key`], several of them in a [`KeyRing`], and what is derived from them.
//!
//! Nothing is ever signed with a master secret itself. For each purpose (what is signed, for which application,
//! under which cookie name, in which format version) a key of its own is derived, so that a value made for one
//! purpose says nothing for another.

#[cfg(feature = "encrypted-cookie")]
mod aead;
mod by_hand;
mod derived;
mod digest;
mod epochs;
mod error;
mod key;
mod mac;
mod purpose;
#[cfg(feature = "encrypted-cookie")]
mod purpose_cipher;
mod report;
mod ring;
mod rotating;
mod rotation;
#[cfg(feature = "key-store")]
mod shared;
mod source;
mod timeline;
mod view;

pub use error::{KeyError, KeyErrorKind};
pub use key::{Key, KeyId};
#[cfg(feature = "encrypted-cookie")]
pub use purpose_cipher::PurposeCipher;
pub use ring::{KeyRing, KeyState};
pub use rotation::Rotation;

#[cfg(feature = "encrypted-cookie")]
pub(crate) use aead::AeadKeys;
pub(crate) use derived::{Derived, credential_lifetime};
pub(crate) use digest::sha256;
pub(crate) use mac::{Authentic, MacKeys, TAG_BYTES};
pub(crate) use purpose::Purpose;
#[cfg(feature = "jwt")]
pub(crate) use report::checked as report_checked;
#[cfg(all(test, feature = "metrics"))]
pub(crate) use report::tests::Numbers;
#[cfg(feature = "key-store")]
pub(crate) use {
    report::{revoked as report_revoked, went_back as report_went_back},
    source::Refresh,
};
