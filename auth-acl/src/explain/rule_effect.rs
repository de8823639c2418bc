//! Holds the effect of each rule on a question: [`Step`] and [`Hit`].

use alloc::{
    borrow::ToOwned as _,
    string::{String, ToString as _},
    vec::Vec,
};
use core::fmt;

use super::evaluation_order::Evaluated;
use crate::ConditionAnswer;

/// One rule, and its effect on a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    rule: String,
    id: Option<String>,
    /// The overlay to which the rule belongs
    overlay: Option<String>,
    line: Option<u32>,
    note: Option<String>,
    hit: Hit,
    answers: Vec<(&'static str, ConditionAnswer)>,
}

/// The effect of a rule on a question.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Hit {
    /// An earlier rule has decided.
    ComesTooLate,
    /// One of its conditions does not hold, or it allows and one cannot be answered.
    ConditionFails,
    /// It decides.
    Decides,
    /// The user is blocked, so no rule is evaluated.
    NotEvaluated,
    /// It names other permissions.
    OtherPermission,
    /// It names another principal.
    OtherPrincipal,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ComesTooLate => "comes too late",
            Self::ConditionFails => "does not fire",
            Self::Decides => "decides",
            Self::NotEvaluated => "is not evaluated",
            Self::OtherPermission => "does not match the permission",
            Self::OtherPrincipal => "names another principal",
        })
    }
}

impl Step {
    pub(super) fn of(rule: Evaluated<'_>, hit: Hit, answers: Vec<(&'static str, ConditionAnswer)>) -> Self {
        match rule {
            Evaluated::Overlay(_, rule) => Self {
                rule: rule.to_string(),
                id: Some(rule.id().to_owned()),
                overlay: Some(rule.list().to_owned()),
                line: None,
                note: rule.note().map(str::to_owned),
                hit,
                answers,
            },
            Evaluated::Rule(_, rule) => Self {
                rule: rule.to_string(),
                id: rule.id().map(str::to_owned),
                overlay: None,
                line: rule.line(),
                note: rule.note().map(str::to_owned),
                hit,
                answers,
            },
        }
    }

    /// Returns the rule as it is written.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns the id of the rule, or `None` if it has none.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the overlay to which the rule belongs; `None` for a rule of a list.
    #[must_use]
    pub fn overlay(&self) -> Option<&str> {
        self.overlay.as_deref()
    }

    /// Returns the source line of the rule; `None` for a rule made at run time.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        self.line
    }

    /// Returns the note of the rule, or `None` if it has none.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns the conditions of the rule with their answers, as far as the decision depended on them.
    #[must_use]
    pub fn answers(&self) -> &[(&'static str, ConditionAnswer)] {
        &self.answers
    }

    /// Returns the effect of the rule.
    #[must_use]
    pub const fn hit(&self) -> Hit {
        self.hit
    }
}
