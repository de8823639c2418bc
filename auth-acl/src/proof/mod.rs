//! Statements about a list that the compiler proves or refutes.
//!
//! A list tells requests apart by what its rules name and by nothing else: whether there is a user, which user it is, and
//! which groups the request is in. So a statement is about classes of requests. It need not be tried on all of them:
//! being in more groups only makes more rules apply, so if any class refutes a statement, then one does that holds no more
//! than the statement speaks of and the one rule that decides against it. Those few are tried, and the first that
//! refutes the statement is the witness in the message.
//!
//! Anonymous requests may be in groups, if the application's callback says so; `anonymous` speaks of those that are in
//! none.

mod caller_class;
mod search;
mod statement;
mod wider;

pub use statement::{Subject, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only};
