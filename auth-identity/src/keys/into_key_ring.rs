//! Says what to write where a policy got something else than a ring of keys: [`IntoKeyRing`].

use super::KeyRing;

/// A [`KeyRing`], for functions such as [`TicketCookie::new`](crate::TicketCookie::new). Only a `KeyRing` implements it;
/// the trait explains itself where a text is passed.
#[diagnostic::on_unimplemented(
    message = "this is not a ring of keys; write `KeyRing::new(Key::from_base64(…)?)`, or in a test `KeyRing::random()`",
    label = "expected a `KeyRing`"
)]
pub trait IntoKeyRing {
    /// Returns the ring.
    fn into_key_ring(self) -> KeyRing;
}

#[diagnostic::do_not_recommend]
impl IntoKeyRing for KeyRing {
    fn into_key_ring(self) -> KeyRing {
        self
    }
}
