//! Manages secret keys: root keys ([`Key`]), rings of them ([`KeyRing`]), and subkeys derived from them
//! (HKDF).
//!
//! A root key never signs anything itself. Each purpose (what is signed, for which application, cookie name
//! and format version) has its own subkey, so a value for one purpose is not valid for another.

mod active_keys;
#[cfg(feature = "encrypted-cookie")]
pub(crate) mod aead_keys;
mod automatic_rotation;
pub(crate) mod derived_cache;
mod derived_schedule;
pub(crate) mod digest;
mod error;
mod fixed_or_rotating_keys;
mod into_key_ring;
mod key_ring;
pub(crate) mod log_events;
mod mac_keys;
mod manual_rotation;
pub(crate) mod purpose;
#[cfg(feature = "encrypted-cookie")]
mod purpose_cipher;
mod random_schedule;
mod root_key;
mod rotation_settings;
#[cfg(feature = "key-store")]
mod shared_keys_of_ring;
#[cfg(all(test, feature = "metrics"))]
pub(crate) mod test_metrics;

pub use error::{KeyError, KeyErrorKind};
pub use into_key_ring::IntoKeyRing;
pub use key_ring::{KeyRing, KeyState};
#[cfg(feature = "encrypted-cookie")]
pub use purpose_cipher::PurposeCipher;
pub use root_key::{Key, KeyId};
pub use rotation_settings::Rotation;

#[cfg(feature = "encrypted-cookie")]
pub(crate) use aead_keys::AeadKeys;
pub(crate) use derived_cache::{Derived, credential_lifetime};
pub(crate) use digest::sha256;
pub(crate) use mac_keys::{Authentic, MacKeys, TAG_BYTES};
pub(crate) use purpose::Purpose;
#[cfg(feature = "key-store")]
pub(crate) use {
    fixed_or_rotating_keys::Refresh,
    log_events::{revoked as report_revoked, went_back as report_went_back},
};
