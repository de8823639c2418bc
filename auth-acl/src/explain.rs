//! Explains decisions as text: [`Explanation`].

use alloc::{
    borrow::ToOwned as _,
    collections::BTreeSet,
    format,
    string::{String, ToString as _},
    vec,
    vec::Vec,
};
use core::fmt::{self, Write as _};

use super::{
    Decision, Groups, Name, OverlayRules, Principal, Principals, Rule, decide_with_overlay,
    evaluation_order::{Evaluated, Question, in_order},
    principal::service_name,
};

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
    decision: Decision,
    question: String,
    steps: Vec<Step>,
    remedies: Vec<String>,
    file: &'static str,
}

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
}

/// The effect of a rule on a question.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Hit {
    /// An earlier rule has decided.
    ComesTooLate,
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
            Self::Decides => "decides",
            Self::NotEvaluated => "is not evaluated",
            Self::OtherPermission => "does not match the permission",
            Self::OtherPrincipal => "names another principal",
        })
    }
}

/// Decides as [`decide`](crate::decide) does, and explains the decision.
#[must_use]
pub fn explain<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Explanation {
    explain_with_overlay(rules, permission, principals, None)
}

/// Decides as [`decide_with_overlay`] does, and explains the decision.
#[must_use]
pub fn explain_with_overlay<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Explanation {
    let rules: Vec<Rule<'r>> = rules.into_iter().collect();
    let decision = decide_with_overlay(rules.iter().copied(), permission, principals, overlay);
    let evaluated = in_order(&rules, overlay);
    let decider = evaluated.iter().position(|one| one.has_decided(decision));
    let question = Question { permission, principals, decider };
    let steps = evaluated.iter().enumerate().map(|(at, one)| Step::of(*one, question.hit(at, *one)));
    Explanation {
        decision,
        question: format!("`{permission}` for {}", who(principals)),
        steps: steps.collect(),
        file: "",
        remedies: if decision.is_allow() {
            Vec::new()
        } else {
            remedies(&rules, permission, principals, overlay)
        },
    }
}

/// The caller, as text.
fn who(principals: &Principals<'_>) -> String {
    if principals.is_blocked() {
        return "a user who is blocked".to_owned();
    }
    let mut text = principals.user_id().map_or_else(|| "an anonymous request".to_owned(), named);
    let groups: Vec<String> =
        principals.groups().into_iter().flat_map(Groups::iter).map(|group| format!("`{group}`")).collect();
    let _ = match groups.as_slice() {
        [] => write!(text, " in no group"),
        groups => write!(text, " in {}", groups.join(", ")),
    };
    text
}

/// A user or a service, as text.
fn named(id: &str) -> String {
    match service_name(id) {
        Some(name) => format!("the service `{name}`"),
        None => format!("the user `{id}`"),
    }
}

/// The smallest changes that would make the answer yes; all of equal size.
fn remedies(
    rules: &[Rule<'_>],
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Vec<String> {
    if principals.is_blocked() {
        return vec!["not be blocked".to_owned()];
    }
    let groups = principals.groups().cloned().unwrap_or_default();
    let helps = |user: Option<&str>, groups: &Groups| {
        let principals = Principals::new(user, Some(groups));
        decide_with_overlay(rules.iter().copied(), permission, &principals, overlay).is_allow()
    };
    let grants = rules.iter().filter(|rule| rule.permissions().hold(permission));
    let wanted: Vec<Name<'_>> = grants
        .filter_map(|rule| match rule.principal() {
            Principal::Group(name) => Some(name),
            _ => None,
        })
        .collect();
    let user = principals.user_id();
    let mut found: Vec<String> = Vec::new();
    // Groups belong to a user, so an anonymous caller has to sign in first.
    let (as_user, prefix) = match user {
        Some(user) => (user, "be in"),
        None => (UNNAMED_USER, "be signed in, and in"),
    };
    if user.is_none() && helps(Some(UNNAMED_USER), &groups) {
        found.extend(["be signed in".to_owned()]);
    } else {
        let enough = wanted.iter().filter(|name| helps(Some(as_user), &with(&groups, **name)));
        found.extend(enough.map(|name| format!("{prefix} the group `{name}`")));
    }
    if found.is_empty() {
        found.extend(without_one(&groups, |rest| helps(user, rest)));
    }
    if found.is_empty() {
        let users = rules.iter().filter_map(|rule| match rule.principal() {
            Principal::User(id) => Some(id),
            _ => None,
        });
        found.extend(users.filter(|id| helps(Some(*id), &groups)).map(|id| format!("be {}", named(id))));
    }
    let mut seen = BTreeSet::new();
    found.retain(|remedy| seen.insert(remedy.clone()));
    found
}

/// A user that no rule names; no rule can, since ids have no control characters.
const UNNAMED_USER: &str = "\u{1}";

fn with(groups: &Groups, name: Name<'_>) -> Groups {
    let mut groups = groups.clone();
    groups.insert(name);
    groups
}

/// Leaving a group may help, if a rule denies something to it.
fn without_one(groups: &Groups, helps: impl Fn(&Groups) -> bool) -> Vec<String> {
    let leave = groups.iter().filter(|left| {
        let rest: Groups = groups.iter().filter(|name| name != left).collect();
        helps(&rest)
    });
    leave.map(|name| format!("not be in the group `{name}`")).collect()
}

impl Explanation {
    /// Sets the source file of the rules.
    pub(super) const fn in_file(mut self, file: &'static str) -> Self {
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

impl Step {
    fn of(rule: Evaluated<'_>, hit: Hit) -> Self {
        match rule {
            Evaluated::Overlay(_, rule) => Self {
                rule: rule.to_string(),
                id: Some(rule.id().to_owned()),
                overlay: Some(rule.list().to_owned()),
                line: None,
                note: rule.note().map(str::to_owned),
                hit,
            },
            Evaluated::Rule(_, rule) => Self {
                rule: rule.to_string(),
                id: rule.id().map(str::to_owned),
                overlay: None,
                line: rule.line(),
                note: rule.note().map(str::to_owned),
                hit,
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

    /// Returns the effect of the rule.
    #[must_use]
    pub const fn hit(&self) -> Hit {
        self.hit
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.question, self.decision)?;
        let mut number = 0_usize;
        for step in &self.steps {
            if let Some(overlay) = &step.overlay {
                write!(f, "\n  overlay {overlay}: ")?;
            } else {
                number = number.saturating_add(1);
                write!(f, "\n  {number} ")?;
            }
            if let Some(id) = &step.id {
                write!(f, "{id} ")?;
            }
            write!(f, "{}: {}", step.rule, step.hit)?;
            match (step.line, self.file) {
                (None, _) => {}
                (Some(line), "") => write!(f, " (line {line})")?,
                (Some(line), file) => write!(f, " ({file}:{line})")?,
            }
            if let Some(note) = &step.note {
                write!(f, "; note: {note}")?;
            }
        }
        if !self.remedies.is_empty() {
            write!(f, "\n  it would be enough to {}", self.remedies.join(", or to "))?;
        }
        Ok(())
    }
}
