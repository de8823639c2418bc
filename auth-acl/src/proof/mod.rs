//! Proves or refutes assertions about an ACL at compile time.
//!
//! A list distinguishes requests by the names in its rules and by nothing else: whether there is a user,
//! which user it is, and which groups the request is in. So a statement is about classes of requests. Not all
//! of them need to be tried: being in more groups only makes more rules apply, so if any class refutes a
//! statement, then so does a class whose only groups are those of the statement and of the one rule that
//! decides against it. Those few are tried, and the first one that refutes the statement is the
//! counterexample in the message.
//!
//! Anonymous requests may be in groups, if the application's callback assigns them; `anonymous` means those
//! that are in no group.

mod assert;
mod caller_class;
mod find_counterexample;
mod widening;

pub use assert::{Subject, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only};
pub(crate) use caller_class::CallerClass;

#[cfg(test)]
mod random_test_acls;
#[cfg(test)]
mod tests;
