//! Sets the option `csrf_form` of a guard: the handler's last argument verifies the CSRF token of the form.

use super::Spec;
use crate::auth::RequestState;

#[cfg(feature = "csrf")]
impl Spec {
    /// Leaves a token that is not in the header to the handler's last argument.
    pub const fn csrf_form(mut self) -> Self {
        self.csrf_form = true;
        self
    }
}

#[cfg(not(feature = "csrf"))]
impl Spec {
    /// Fails at compile time: the macros call it in a constant.
    ///
    /// # Panics
    ///
    /// Always panics.
    #[expect(clippy::panic, reason = "a token that is not verified must not compile")]
    pub const fn csrf_form(self) -> Self {
        panic!("`csrf_form` needs the feature `csrf`; write `cargo add auth-runtime --features csrf`")
    }
}

/// Judges a request whose token is in the form. It must come before the credential is resolved.
#[cfg(feature = "csrf")]
pub(super) fn expect_in_the_form(spec: &Spec, state: &RequestState) {
    if spec.csrf_form {
        state.expect_csrf_form();
    }
}

#[cfg(not(feature = "csrf"))]
pub(super) const fn expect_in_the_form(_: &Spec, _: &RequestState) {}
