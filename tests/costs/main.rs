//! Allocations, to the last one.
//!
//! A binary of its own: it replaces the global allocator by one that counts, and installs no subscriber of events.

mod allocations;
#[path = "../../benches/guard/by_hand.rs"]
mod by_hand;
#[path = "../../benches/guard/case.rs"]
mod case;
#[path = "../../benches/guard/cases.rs"]
mod cases;
#[cfg(feature = "full")]
#[path = "../../benches/guard/identities.rs"]
mod identities;
#[path = "../../benches/guard/noop.rs"]
mod noop;
mod ticket_cost;
