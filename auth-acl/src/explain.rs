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
    Action, Condition, ConditionAnswer, Decision, Denial, Groups, Name, OverlayRules, Principal, Principals,
    Rule,
    evaluate::decide_each,
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

/// Decides as [`decide`](crate::decide) does, and explains the decision.
#[must_use]
pub fn explain<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> Explanation {
    explain_with_overlay(rules, permission, principals, None)
}

/// Decides as [`decide_with_overlay`](crate::decide_with_overlay) does, and explains the decision.
#[must_use]
pub fn explain_with_overlay<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
) -> Explanation {
    explain_each(rules, permission, principals, overlay, |_, _| ConditionAnswer::Unknown)
}

/// Decides as [`decide_if`](crate::decide_if) does with these answers, and explains the decision.
///
/// # Example
///
/// ```
/// use auth_runtime::{ALL, Groups, Name, OWNER, Principal, Principals, Rule};
/// use auth_runtime::acl::{ConditionAnswer, explain_if};
///
/// let rules = [Rule::allow(Principal::Authenticated, ALL).with_conditions(&[OWNER])];
/// let none = Groups::none();
/// let bob = Principals::user("bob", &none);
/// let explanation = explain_if(rules, Name::Text("edit"), &bob, |_| ConditionAnswer::Fails);
/// assert_eq!(
///     explanation.to_string(),
///     "\
/// `edit` for the user `bob` in no group: denied, since no rule allows it
///   1 (Allow, Authenticated, ALL, if owner): does not fire; `owner` does not hold
///   it would be enough to meet the condition `owner`"
/// );
/// ```
#[must_use]
pub fn explain_if<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    answer: impl Fn(&Condition) -> ConditionAnswer,
) -> Explanation {
    explain_each(rules, permission, principals, None, |_, condition| answer(condition))
}

/// Explains as [`explain_if`] does, with the rules of overlays, and with answers that may depend on the index of the rule.
#[must_use]
pub fn explain_each<'r>(
    rules: impl IntoIterator<Item = Rule<'r>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    answer: impl Fn(usize, &Condition) -> ConditionAnswer,
) -> Explanation {
    let rules: Vec<Rule<'r>> = rules.into_iter().collect();
    let asked = Asked { rules: &rules, permission, overlay, answer: &answer };
    let decision = asked.decide(principals);
    let evaluated = in_order(&rules, overlay);
    let decider = evaluated.iter().position(|one| one.has_decided(decision));
    let question = Question { permission, principals, decider };
    let steps = evaluated.iter().enumerate().map(|(at, one)| {
        let hit = question.hit(at, *one);
        let answers = match one {
            Evaluated::Rule(own, rule) if matches!(hit, Hit::Decides | Hit::ConditionFails) => rule
                .conditions()
                .iter()
                .map(|condition| (condition.name(), answer(*own, condition)))
                .collect(),
            _ => Vec::new(),
        };
        Step::of(*one, hit, answers)
    });
    Explanation {
        decision,
        question: format!("`{permission}` for {}", who(principals)),
        steps: steps.collect(),
        file: "",
        remedies: if decision.is_allow() { Vec::new() } else { asked.remedies(principals) },
    }
}

/// A question about rules, with the answers to their conditions.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rules: &'a [Rule<'a>],
    permission: Name<'a>,
    overlay: Option<&'a OverlayRules>,
    answer: &'a dyn Fn(usize, &Condition) -> ConditionAnswer,
}

impl Asked<'_> {
    fn decide(&self, principals: &Principals<'_>) -> Decision {
        let rules = self.rules.iter().copied();
        let answer = |at: usize, condition: &Condition| Some((self.answer)(at, condition));
        let decided = decide_each(rules, self.permission, principals, self.overlay, answer);
        decided.unwrap_or(Decision::Deny(Denial::NoRule))
    }

    /// The conditions of single rules whose other answer would be enough.
    fn other_answers(&self, principals: &Principals<'_>) -> Vec<String> {
        let asked = self.rules.iter().enumerate().filter(|(_, rule)| {
            rule.permissions().hold(self.permission)
                && principals.include(rule.principal())
                && rule.is_conditional()
        });
        let helping = asked.filter_map(|(own, rule)| {
            let (other, verb) = match rule.action() {
                Action::Allow => (ConditionAnswer::Holds, "meet"),
                Action::Deny => (ConditionAnswer::Fails, "not meet"),
            };
            let changed = |at: usize, condition: &Condition| {
                if at == own { other } else { (self.answer)(at, condition) }
            };
            let asked = Asked { answer: &changed, ..*self };
            asked.decide(principals).is_allow().then(|| {
                let names: Vec<String> =
                    rule.conditions().iter().map(|condition| format!("`{condition}`")).collect();
                let noun = if names.len() == 1 { "condition" } else { "conditions" };
                format!("{verb} the {noun} {}", names.join(" and "))
            })
        });
        helping.collect()
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

impl Asked<'_> {
    /// The smallest changes that would make the answer yes; all of equal size.
    fn remedies(self, principals: &Principals<'_>) -> Vec<String> {
        let Self { rules, permission, .. } = self;
        if principals.is_blocked() {
            return vec!["not be blocked".to_owned()];
        }
        let groups = principals.groups().cloned().unwrap_or_default();
        let helps = |user: Option<&str>, groups: &Groups| {
            self.decide(&Principals::new(user, Some(groups))).is_allow()
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
        found.extend(self.other_answers(principals));
        let mut seen = BTreeSet::new();
        found.retain(|remedy| seen.insert(remedy.clone()));
        found
    }
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
    fn of(rule: Evaluated<'_>, hit: Hit, answers: Vec<(&'static str, ConditionAnswer)>) -> Self {
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
            for (name, answer) in &step.answers {
                write!(f, "; `{name}` {answer}")?;
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
