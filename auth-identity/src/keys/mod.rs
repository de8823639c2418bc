//! Secret keys: root keys ([`Key`]), rings of them ([`KeyRing`]), and subkeys derived from them (HKDF).
//!
//! A root key never signs anything itself. Each purpose (what is signed, for which application, cookie name
//! and format version) has its own subkey, so a value for one purpose is not valid for another.

mod active_keys;
#[cfg(feature = "encrypted-cookie")]
pub(crate) mod aead;
pub(crate) mod derived;
mod derived_schedule;
pub(crate) mod digest;
mod error;
mod key;
mod mac;
mod manual;
#[cfg(all(test, feature = "metrics"))]
pub(crate) mod numbers;
pub(crate) mod purpose;
#[cfg(feature = "encrypted-cookie")]
mod purpose_cipher;
mod random_schedule;
pub(crate) mod report;
mod ring;
mod rotating;
mod rotation;
#[cfg(feature = "key-store")]
mod shared;
mod source;

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
#[cfg(feature = "key-store")]
pub(crate) use {
    report::{revoked as report_revoked, went_back as report_went_back},
    source::Refresh,
};
