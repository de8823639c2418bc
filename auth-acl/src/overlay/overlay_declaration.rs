//! Declares the overlay of a constant list: [`ListOverlay`].

use crate::{Acl, Name, const_message::Message};

/// The overlay that a constant list declares: its name, and whether it may widen the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListOverlay {
    name: &'static str,
    may_widen: bool,
}

impl ListOverlay {
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(name: &'static str, may_widen: bool) -> Self {
        Self { name, may_widen }
    }

    /// Returns the name, by which the rules of the overlay refer to the list.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns whether rules of the overlay may allow what the list denies.
    #[must_use]
    pub const fn may_widen(&self) -> bool {
        self.may_widen
    }

    const fn is(&self, other: &Self) -> bool {
        self.may_widen == other.may_widen && Name::Text(self.name).is(Name::Text(other.name))
    }
}

/// Stops the build when a list with an overlay includes one that has another overlay: the rules of both would
/// have to be evaluated before the same rule, and those of the included list would be lost.
///
/// # Panics
///
/// Panics with a message for the person who wrote the list; called in constants only.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "`at` stays below the length; constants have no iterators, and a panic in one is a compile error"
)]
#[track_caller]
pub const fn check_overlay(overlay: &ListOverlay, included: &Acl, included_name: &str) {
    let rules = included.rules();
    let mut at = 0;
    while at < rules.len() {
        if let Some(other) = rules[at].overlay
            && !overlay.is(other)
        {
            let message = Message::new().push("`").push(included_name).push("` has another overlay, `");
            let (before, after) = if other.may_widen { ("widening(\"", "\")") } else { ("\"", "\"") };
            let message = message.push(before).push(other.name).push(after);
            let message = message.push("`; remove one of the two settings, or write the same");
            panic!("{}", message.as_str())
        }
        at += 1;
    }
}

/// Stops the build when a statement says that something is denied by a list that its overlay may widen: it
/// would hold for the constant list, and not for the application.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "`at` stays below the length; constants have no iterators, and a panic in one is a compile error"
)]
#[track_caller]
pub(crate) const fn check_unwidened(acl: &Acl, acl_name: &str) {
    let rules = acl.rules();
    let mut at = 0;
    while at < rules.len() {
        if let Some(overlay) = rules[at].overlay
            && overlay.may_widen
        {
            let message =
                Message::new().push("the overlay `").push(overlay.name).push("` may widen `").push(acl_name);
            let message =
                message.push("`, so that no denial can be proved; remove `widening`, or this statement");
            panic!("{}", message.as_str())
        }
        at += 1;
    }
}
