//! Represents one rule of an overlay: [`OverlayRule`].

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

use crate::{Action, Name, Principal, owned_name::OwnedName};

/// One rule of an overlay: an action, a principal and permissions as in [`Rule`](crate::Rule), all of them
/// owned, the list to which it belongs, and an id.
///
/// # Example
///
/// ```
/// use auth_runtime::{Action, Name, Principal, acl::OverlayRule};
///
/// let rule = OverlayRule::new("articles", "freeze", Action::Deny, Principal::Everyone, [Name::Text("edit")])
///     .with_owner("on-call");
/// assert_eq!(rule.to_string(), r#"(Deny, Everyone, ["edit"])"#);
/// assert_eq!((rule.list(), rule.id(), rule.owner()), ("articles", "freeze", Some("on-call")));
/// ```
#[derive(Clone, Debug)]
pub struct OverlayRule {
    list: Box<str>,
    id: Box<str>,
    action: Action,
    principal: OverlayPrincipal,
    /// None for all of them
    permissions: Option<Vec<OwnedName>>,
    note: Option<Box<str>>,
    owner: Option<Box<str>>,
    until: Option<Box<str>>,
}

/// The principal of a rule of an overlay.
#[derive(Clone, Debug)]
enum OverlayPrincipal {
    /// All authenticated users
    Authenticated,
    /// All requests, authenticated or not
    Everyone,
    /// The members of a group
    Group(OwnedName),
    /// One user
    User(Box<str>),
}

impl OverlayPrincipal {
    fn of(principal: Principal<'_>) -> Self {
        match principal {
            Principal::Authenticated => Self::Authenticated,
            Principal::Everyone => Self::Everyone,
            Principal::Group(name) => Self::Group(OwnedName::new(name)),
            Principal::User(id) => Self::User(id.into()),
        }
    }

    fn as_principal(&self) -> Principal<'_> {
        match self {
            Self::Authenticated => Principal::Authenticated,
            Self::Everyone => Principal::Everyone,
            Self::Group(name) => Principal::Group(name.as_name()),
            Self::User(id) => Principal::User(id),
        }
    }
}

impl OverlayRule {
    /// Creates a rule about some permissions of the list with this overlay.
    #[must_use]
    pub fn new<'n>(
        list: &str,
        id: &str,
        action: Action,
        principal: Principal<'_>,
        permissions: impl IntoIterator<Item = Name<'n>>,
    ) -> Self {
        let permissions = permissions.into_iter().map(OwnedName::new).collect();
        Self { permissions: Some(permissions), ..Self::of_all(list, id, action, principal) }
    }

    /// Creates a rule about all permissions.
    #[must_use]
    pub fn of_all(list: &str, id: &str, action: Action, principal: Principal<'_>) -> Self {
        Self {
            list: list.into(),
            id: id.into(),
            action,
            principal: OverlayPrincipal::of(principal),
            permissions: None,
            note: None,
            owner: None,
            until: None,
        }
    }

    /// Adds a note for readers.
    #[must_use]
    pub fn with_note(self, note: &str) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Adds who answers for the rule, such as a team.
    #[must_use]
    pub fn with_owner(self, owner: &str) -> Self {
        Self { owner: Some(owner.into()), ..self }
    }

    /// Adds the last day on which the rule is meant to be there, such as `2027-01-31`.
    #[must_use]
    pub fn with_until(self, day: &str) -> Self {
        Self { until: Some(day.into()), ..self }
    }

    /// Returns the name of the overlay that the list declares.
    #[must_use]
    pub fn list(&self) -> &str {
        &self.list
    }

    /// Returns the id, which log events, explanations and the access table show.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Returns the principal.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        self.principal.as_principal()
    }

    /// Returns the permissions, or `None` for all of them.
    #[must_use]
    pub fn permissions(&self) -> Option<impl Iterator<Item = Name<'_>>> {
        Some(self.permissions.as_ref()?.iter().map(OwnedName::as_name))
    }

    /// Returns whether the rule applies to a permission.
    #[must_use]
    pub fn holds(&self, permission: Name<'_>) -> bool {
        self.permissions.as_ref().is_none_or(|names| names.iter().any(|name| name.is(permission)))
    }

    /// Returns the note for readers, or `None` if there is none.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns who answers for the rule, or `None` if nothing says so.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// Returns the last day on which the rule is meant to be there, or `None` if there is none.
    #[must_use]
    pub fn until(&self) -> Option<&str> {
        self.until.as_deref()
    }
}

impl fmt::Display for OverlayRule {
    /// Writes the rule as one of `acl!`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:?}, {}, ", self.action, self.principal())?;
        match &self.permissions {
            None => f.write_str("ALL)"),
            Some(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("{}", name.as_name())).collect();
                write!(f, "{names:?})")
            }
        }
    }
}
