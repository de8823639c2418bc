//! Adds conditions to a rule, and determines whether it fires.

use super::{Condition, ConditionAnswer};
use crate::{Action, Rule, const_message::Message};

impl<'a> Rule<'a> {
    /// Adds conditions, all of which have to hold for the rule to fire; `if …` in a row of `acl!` does the same.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{ALL, OWNER, Principal, Rule};
    ///
    /// let rule = Rule::allow(Principal::Authenticated, ALL).with_conditions(&[OWNER]);
    /// assert_eq!(rule.to_string(), "(Allow, Authenticated, ALL, if owner)");
    /// ```
    #[must_use]
    pub const fn with_conditions(mut self, conditions: &'a [Condition]) -> Self {
        self.conditions = conditions;
        self
    }

    /// Returns the conditions, all of which have to hold for the rule to fire.
    #[must_use]
    pub const fn conditions(&self) -> &'a [Condition] {
        self.conditions
    }

    pub(crate) const fn is_conditional(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Returns whether the rule fires for a request that its principal and permissions match, or the condition that has
    /// to be answered before that is known.
    pub(crate) fn fires(
        &self,
        answer: &mut impl FnMut(&Condition) -> Option<ConditionAnswer>,
    ) -> Result<bool, Condition> {
        for condition in self.conditions {
            match answer(condition) {
                None => return Err(*condition),
                Some(ConditionAnswer::Fails) => return Ok(false),
                // No answer to the others makes an allowing rule fire.
                Some(ConditionAnswer::Unknown) if matches!(self.action(), Action::Allow) => return Ok(false),
                Some(ConditionAnswer::Holds | ConditionAnswer::Unknown) => {}
            }
        }
        Ok(true)
    }

    /// Returns whether all conditions of this rule are among those of `other`, and this rule fires whenever that one
    /// does: a rule that allows fires for fewer answers than one that denies.
    pub(crate) const fn fires_whenever(&self, other: &Rule<'_>) -> bool {
        let is_stricter = matches!((self.action(), other.action()), (Action::Allow, Action::Deny));
        if is_stricter && self.is_conditional() {
            return false;
        }
        let mut rest = self.conditions;
        while let [condition, others @ ..] = rest {
            if !is_among(condition, other.conditions) {
                return false;
            }
            rest = others;
        }
        true
    }

    /// Writes that the rule fires if its conditions hold.
    pub(crate) const fn push_conditions(&self, message: Message) -> Message {
        push_conditions(message, self.conditions)
    }
}

/// Writes `the condition a holds`, or `the conditions a and b hold`.
pub(crate) const fn push_conditions(message: Message, conditions: &[Condition]) -> Message {
    let mut message = message.push(if conditions.len() == 1 { "the condition " } else { "the conditions " });
    let mut rest = conditions;
    let mut is_first = true;
    while let [condition, others @ ..] = rest {
        if !is_first {
            message = message.push(if others.is_empty() { " and " } else { ", " });
        }
        message = message.push("`").push(condition.name).push("`");
        is_first = false;
        rest = others;
    }
    message.push(if conditions.len() == 1 { " holds" } else { " hold" })
}

/// Returns whether a condition is one of these.
pub(crate) const fn is_among(condition: &Condition, conditions: &[Condition]) -> bool {
    let mut rest = conditions;
    while let [own, others @ ..] = rest {
        if own.is(condition) {
            return true;
        }
        rest = others;
    }
    false
}
