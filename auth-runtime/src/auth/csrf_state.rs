//! Records whether a request has to prove by a CSRF token that a page of the application sent it: [`CsrfState`].

use std::sync::atomic::{AtomicU8, Ordering};

/// The browser attaches the credential, and the layer demands tokens
const NEEDED: u8 = 1;
/// The method may change something
const UNSAFE: u8 = 2;
/// The handler's last argument verifies the token of the form
const IN_THE_FORM: u8 = 4;
const PROVED: u8 = 8;

/// Whether a token is needed, and whether it was verified.
#[derive(Debug, Default)]
pub(super) struct CsrfState(AtomicU8);

impl CsrfState {
    fn has(&self, flag: u8) -> bool {
        self.0.load(Ordering::Relaxed) & flag != 0
    }

    /// Returns whether the credential of the request must not be used.
    pub(super) fn withholds_credential(&self) -> bool {
        self.lacks_proof() && self.has(UNSAFE) && !self.has(IN_THE_FORM)
    }

    /// Returns whether the identity must not be changed.
    pub(super) fn lacks_proof(&self) -> bool {
        self.has(NEEDED) && !self.has(PROVED)
    }
}

#[cfg(feature = "csrf")]
impl CsrfState {
    /// Demands a token.
    pub(super) fn demand(&self, is_unsafe: bool) {
        self.0.fetch_or(NEEDED | if is_unsafe { UNSAFE } else { 0 }, Ordering::Relaxed);
    }

    /// Lets a guard judge the request: its handler does not run unless the token of the form is verified.
    pub(super) fn expect_in_the_form(&self) {
        self.0.fetch_or(IN_THE_FORM, Ordering::Relaxed);
    }

    /// Records that a token was verified.
    pub(super) fn prove(&self) {
        self.0.fetch_or(PROVED, Ordering::Relaxed);
    }
}
