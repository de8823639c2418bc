//! Parses the document with the rules of overlays: [`Document`].

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{OverlayError, check_names::KnownNames};
use crate::{
    acl::{Action, Name, OverlayRule, OverlayRules, Principal},
    clock::{Day, UnixTime},
    identity::UserId,
};

/// The greatest number of rules.
const MOST: usize = 1_000;
/// The longest id, in bytes.
const LONGEST_ID: usize = 64;
/// The longest note or owner, in bytes.
const LONGEST_TEXT: usize = 1_024;

/// A valid document.
#[derive(Clone)]
pub(super) struct Document {
    rules: Vec<(OverlayRule, Option<Day>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rules: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    list: String,
    id: String,
    action: WrittenAction,
    principal: WrittenPrincipal,
    permissions: WrittenPermissions,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenAction {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenPrincipal {
    Authenticated,
    Everyone,
    Group(WrittenName),
    User(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected text or a whole number")]
enum WrittenName {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected `\"all\"` or a list of names")]
enum WrittenPermissions {
    All(All),
    Names(Vec<WrittenName>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum All {
    All,
}

impl WrittenName {
    const fn as_name(&self) -> Name<'_> {
        match self {
            Self::Number(number) => Name::Number(*number),
            Self::Text(text) => Name::Text(text.as_str()),
        }
    }
}

impl Document {
    pub(super) fn parse(text: &str, known: &KnownNames) -> Result<Self, OverlayError> {
        let written: Written = serde_json::from_str(text)
            .map_err(|error| OverlayError::invalid(format!("the document of the overlay: {error}")))?;
        if written.rules.len() > MOST {
            return Err(OverlayError::invalid(format!("the overlay has more than {MOST} rules")));
        }
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(written.rules.len());
        for (at, rule) in written.rules.iter().enumerate() {
            let read = rule.check(known).and_then(|rule| {
                if ids.insert(rule.0.id().to_owned()) {
                    Ok(rule)
                } else {
                    Err("an earlier rule has this id".into())
                }
            });
            rules.push(read.map_err(|message| {
                let (number, id) = (at.saturating_add(1), &rule.id);
                OverlayError::invalid(format!("rule {number} of the overlay (`{id}`): {message}"))
            })?);
        }
        Ok(Self { rules })
    }

    /// Returns the rules that have an effect at this time: all that deny, and those that allow until their
    /// last day.
    pub(super) fn in_force(&self, now: UnixTime) -> OverlayRules {
        let today = Day::of(now);
        let has_effect = |(rule, until): &&(OverlayRule, Option<Day>)| {
            rule.action() == Action::Deny || until.is_none_or(|until| today <= until)
        };
        OverlayRules::new(self.rules.iter().filter(has_effect).map(|(rule, _)| rule.clone()))
    }
}

impl WrittenRule {
    fn check(&self, known: &KnownNames) -> Result<(OverlayRule, Option<Day>), String> {
        check_id(&self.id)?;
        let overlay = known.overlay(&self.list)?;
        let action = match self.action {
            WrittenAction::Deny => Action::Deny,
            WrittenAction::Allow if overlay.may_widen() => Action::Allow,
            WrittenAction::Allow => {
                return Err(format!(
                    "the overlay `{0}` may not widen its list; write `\"deny\"`, or declare `overlay = widening(\"{0}\")` in \
                     the list",
                    self.list
                ));
            }
        };
        let principal = self.principal(known)?;
        let rule = match &self.permissions {
            WrittenPermissions::All(All::All) => OverlayRule::of_all(&self.list, &self.id, action, principal),
            WrittenPermissions::Names(names) if names.is_empty() => {
                return Err("the list of permissions is empty; name some, or write `\"all\"`".to_owned());
            }
            WrittenPermissions::Names(names) => {
                for name in names {
                    known.check_permission(&self.list, name.as_name())?;
                }
                let names = names.iter().map(WrittenName::as_name);
                OverlayRule::new(&self.list, &self.id, action, principal, names)
            }
        };
        self.label(rule)
    }

    fn principal(&self, known: &KnownNames) -> Result<Principal<'_>, String> {
        Ok(match &self.principal {
            WrittenPrincipal::Authenticated => Principal::Authenticated,
            WrittenPrincipal::Everyone => Principal::Everyone,
            WrittenPrincipal::Group(name) => {
                known.check_group(&self.list, name.as_name())?;
                Principal::Group(name.as_name())
            }
            WrittenPrincipal::User(id) => {
                UserId::new(id).map_err(|error| format!("{id:?} is not the id of a user: {error}"))?;
                Principal::User(id)
            }
        })
    }

    /// Adds the note, the owner and the last day.
    fn label(&self, mut rule: OverlayRule) -> Result<(OverlayRule, Option<Day>), String> {
        if let Some(note) = &self.note {
            check_text("note", note)?;
            rule = rule.with_note(note);
        }
        if let Some(owner) = &self.owner {
            check_text("owner", owner)?;
            rule = rule.with_owner(owner);
        }
        let Some(until) = &self.until else { return Ok((rule, None)) };
        let day: Day = until.parse().map_err(|error| format!("`until`: {error}"))?;
        Ok((rule.with_until(until), Some(day)))
    }
}

// Ids are searched for in logs and are labels of metrics.
fn check_id(id: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/#".contains(c);
    if !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(is_plain) {
        return Ok(());
    }
    Err(format!(
        "this is not an id; write ASCII letters, digits and `-`, `_`, `.`, `:`, `/` or `#`, at most {LONGEST_ID}"
    ))
}

fn check_text(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("`{what}` is empty; leave it out, or write some text"));
    }
    if text.len() > LONGEST_TEXT {
        return Err(format!("`{what}` is longer than {LONGEST_TEXT} bytes"));
    }
    Ok(())
}
