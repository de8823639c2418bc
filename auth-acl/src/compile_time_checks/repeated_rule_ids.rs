//! Checks that no two rules of a combined ACL have one id: [`check_ids`].
//!
//! The macro compares the ids of the rows that it sees; those of other lists are known to the compiler only.

use crate::{Name, Rule, const_message::Message, const_message::complain, first_match_table::same_principal};

/// Stops the build when a rule at an index from `from` to before `to` has the id of an earlier one.
///
/// # Panics
///
/// Panics with a message for the person who wrote the rule; called in constants only.
#[track_caller]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "both are places of this list; constants have no iterators"
)]
pub const fn check_ids(rules: &[Rule<'_>], from: usize, to: usize) {
    let mut at = from;
    while at < to {
        if let Some(id) = rules[at].id()
            && !rules[at].is_inherited()
        {
            let mut earlier = 0;
            while earlier < from {
                if let Some(other) = rules[earlier].id()
                    && Name::Text(id).is(Name::Text(other))
                    && !is_same_row(&rules[earlier], &rules[at])
                {
                    let message = Message::new().push("the id `").push(id).push("` is also that of ");
                    let message = match rules[earlier].line() {
                        Some(line) => message.push("the rule on line ").push_number(line as i64),
                        None => message.push("rule ").push_count(earlier),
                    };
                    complain(&message.push("; choose another one"));
                }
                earlier += 1;
            }
        }
        at += 1;
    }
}

/// A list that two of the combined lists include contributes its rows twice. Rows that a macro of the
/// application generates have one place, and may have different principals.
const fn is_same_row(a: &Rule<'_>, b: &Rule<'_>) -> bool {
    a.place == b.place
        && same_principal(a.principal(), b.principal())
        && matches!(a.action(), crate::Action::Allow) == matches!(b.action(), crate::Action::Allow)
}
