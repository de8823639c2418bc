//! Holds the explanation of a decision, which is text for developers: [`Explanation`].

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::Step;
use crate::Decision;

/// A decision with its reasons: the effect of each rule in order, and what would have been sufficient.
///
/// It is meant for developers: write it to logs, tests and consoles, never into a response.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, Groups, Principals};
///
/// const ARTICLES: Acl = acl![
///     (Deny, User("mallory"), ["edit"]),
///     (Allow, Everyone, ["view"]),
///     (Allow, Group("editors"), ["edit"]),
/// ];
///
/// let none = Groups::none();
/// let explanation = ARTICLES.explain("edit", &Principals::user("bob", &none));
/// assert_eq!(explanation.remedies(), ["be in the group `editors`"]);
/// println!("{explanation}");
/// ```
///
/// prints
///
/// ```text
/// `edit` for the user `bob` in no group: denied, since no rule allows it
///   1 (Deny, User("mallory"), ["edit"]): names another principal (src/main.rs:4)
///   2 (Allow, Everyone, ["view"]): does not match the permission (src/main.rs:5)
///   3 (Allow, Group("editors"), ["edit"]): names another principal (src/main.rs:6)
///   it would be enough to be in the group `editors`
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    pub(super) decision: Decision,
    pub(super) question: String,
    pub(super) steps: Vec<Step>,
    pub(super) remedies: Vec<String>,
    pub(super) file: &'static str,
}

impl Explanation {
    /// Sets the source file of the rules.
    pub(crate) const fn in_file(mut self, file: &'static str) -> Self {
        self.file = file;
        self
    }

    /// Returns the decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns the rules in order, with the effect of each.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the changes that would have been sufficient, the smallest first: empty if the answer is yes,
    /// or if no small change suffices.
    #[must_use]
    pub fn remedies(&self) -> &[String] {
        &self.remedies
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.question, self.decision)?;
        let mut number = 0_usize;
        for step in &self.steps {
            if let Some(overlay) = step.overlay() {
                write!(f, "\n  overlay {overlay}: ")?;
            } else {
                number = number.saturating_add(1);
                write!(f, "\n  {number} ")?;
            }
            if let Some(id) = step.id() {
                write!(f, "{id} ")?;
            }
            write!(f, "{}: {}", step.rule(), step.hit())?;
            match (step.line(), self.file) {
                (None, _) => {}
                (Some(line), "") => write!(f, " (line {line})")?,
                (Some(line), file) => write!(f, " ({file}:{line})")?,
            }
            for (name, answer) in step.answers() {
                write!(f, "; `{name}` {answer}")?;
            }
            if let Some(note) = step.note() {
                write!(f, "; note: {note}")?;
            }
        }
        if !self.remedies.is_empty() {
            write!(f, "\n  it would be enough to {}", self.remedies.join(", or to "))?;
        }
        Ok(())
    }
}
