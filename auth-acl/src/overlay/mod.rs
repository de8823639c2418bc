//! Evaluates overlays: rules that an application reads at run time, before those of a constant list.
//!
//! A constant list declares its overlay by a name ([`ListOverlay`], `overlay = "articles"` in `acl!`). Each
//! of its rules carries the declaration. Where an evaluation comes to the first rule of such a list, it
//! evaluates the rules of the overlay ([`OverlayRules`]) first: in a guard, in a list that includes this one,
//! and in the rules of a resource.
//!
//! # Why an overlay cannot widen a list
//!
//! The rules of an overlay deny, unless the list declares that it may be widened: a rule that allows is
//! skipped otherwise. So an overlay either denies a request or leaves it to the constant list, and the
//! decision is "allow" only if the list allows it and no rule of the overlay denies it. A list with denials
//! in front is also what the compile-time proof (`acl_assert_no_wider!`) accepts as no wider; a property test
//! compares both.

mod overlay_declaration;
mod overlay_rule;
mod overlay_rules;

pub(crate) use overlay_declaration::check_unwidened;
pub use overlay_declaration::{ListOverlay, check_overlay};
pub use overlay_rule::OverlayRule;
pub use overlay_rules::OverlayRules;
