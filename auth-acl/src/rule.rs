//! Holds one rule of an ACL: [`Rule`].

use core::fmt;

use super::{ListOverlay, Name, Permissions, Principal, condition::Condition};

/// Whether a rule allows or denies.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// The rule allows its permissions.
    Allow,
    /// The rule denies its permissions.
    Deny,
}

/// One rule of an access control list: an action, a principal, permissions, and conditions if there are any.
///
/// In a constant it is a row of `acl!`; at run time it borrows the names.
///
/// # Example
///
/// ```
/// use auth_runtime::{ALL, Group, Rule, User};
///
/// let owner = String::from("alice");
/// let rules = [Rule::allow(User(&owner), &["edit", "delete"]), Rule::deny(Group("guests"), ALL)];
/// assert_eq!(rules[0].to_string(), r#"(Allow, User("alice"), ["edit", "delete"])"#);
/// ```
#[derive(Clone, Copy)]
pub struct Rule<'a> {
    pub(super) action: Action,
    principal: Principal<'a>,
    permissions: Permissions<'a>,
    /// A bit for each permission, so that a constant can skip rules that do not match one.
    pub(super) bits: u64,
    /// What has to hold for the rule to fire
    pub(super) conditions: &'a [Condition],
    line: u32,
    note: Option<&'a str>,
    id: Option<&'static str>,
    owner: Option<&'static str>,
    until: Option<&'static str>,
    /// A number for the place of the id in the source; 0 without an id
    pub(super) place: u32,
    /// The overlay that the list of the rule declares
    pub(super) overlay: Option<&'static ListOverlay>,
    /// A hierarchy of groups has repeated another rule for this group; nothing in the source stands for it.
    inherited: bool,
    #[cfg(feature = "rule-hits")]
    file: &'static str,
}

impl<'a> Rule<'a> {
    /// Allows `permissions` to `principal`.
    #[must_use]
    pub fn allow(principal: Principal<'a>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self::at_run_time(Action::Allow, principal, permissions.into())
    }

    /// Denies `permissions` to `principal`.
    #[must_use]
    pub fn deny(principal: Principal<'a>, permissions: impl Into<Permissions<'a>>) -> Self {
        Self::at_run_time(Action::Deny, principal, permissions.into())
    }

    const fn at_run_time(action: Action, principal: Principal<'a>, permissions: Permissions<'a>) -> Self {
        Self {
            action,
            principal,
            permissions,
            bits: u64::MAX,
            conditions: &[],
            line: 0,
            note: None,
            id: None,
            owner: None,
            until: None,
            place: 0,
            overlay: None,
            inherited: false,
            #[cfg(feature = "rule-hits")]
            file: "",
        }
    }

    #[doc(hidden)]
    #[must_use]
    #[cfg_attr(feature = "rule-hits", track_caller)]
    pub const fn __new(
        action: Action,
        principal: Principal<'a>,
        permissions: Permissions<'a>,
        line: u32,
    ) -> Self {
        Self {
            action,
            principal,
            permissions,
            bits: permissions.bits(),
            conditions: &[],
            line,
            note: None,
            id: None,
            owner: None,
            until: None,
            place: 0,
            overlay: None,
            inherited: false,
            #[cfg(feature = "rule-hits")]
            file: core::panic::Location::caller().file(),
        }
    }

    pub(super) const fn __with(&self, principal: Principal<'a>, permissions: Permissions<'a>) -> Self {
        Self { principal, permissions, bits: permissions.bits(), ..*self }
    }

    /// The same rule for a group that includes its own one.
    pub(super) const fn __inherited(&self, group: Name<'a>, permissions: Permissions<'a>) -> Self {
        Self { inherited: true, ..self.__with(Principal::Group(group), permissions) }
    }

    /// Adds a note for readers; a doc comment above a row of `acl!` does the same.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{ALL, Acl, Rule, User, acl};
    ///
    /// const ARTICLES: Acl = acl![
    ///     /// Banned for spam.
    ///     (Deny, User("mallory"), ["comment"]),
    ///     (Allow, Authenticated, ["comment"]),
    /// ];
    /// assert_eq!(ARTICLES.rules()[0].note(), Some("Banned for spam."));
    /// assert_eq!(ARTICLES.rules()[1].note(), None);
    ///
    /// let rule = Rule::deny(User("trudy"), ALL).with_note("Left the company.");
    /// assert_eq!(rule.note(), Some("Left the company."));
    /// ```
    #[must_use]
    pub const fn with_note(mut self, note: &'a str) -> Self {
        self.note = Some(note);
        self
    }

    /// Returns the note for readers, or `None` if there is none.
    #[must_use]
    pub const fn note(&self) -> Option<&'a str> {
        self.note
    }

    /// Names the rule; `#[rule(id = "…")]` above a row of `acl!` does the same.
    ///
    /// The id stays the same when rules are added or moved, unlike the rule's number. Log events, explanations and
    /// the access table show it.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{Acl, Rule, User, acl};
    ///
    /// const ARTICLES: Acl = acl![
    ///     /// Until the new desk is staffed.
    ///     #[rule(id = "press-may-edit", owner = "press-team", until = "2027-01-31")]
    ///     (Allow, Group("press"), ["edit"]),
    /// ];
    /// let [rule] = ARTICLES.rules() else { unreachable!() };
    /// assert_eq!((rule.id(), rule.owner()), (Some("press-may-edit"), Some("press-team")));
    /// assert_eq!((rule.until(), rule.note()), (Some("2027-01-31"), Some("Until the new desk is staffed.")));
    ///
    /// let rule = Rule::allow(User("alice"), &["edit"]).with_id("owner-may-edit").with_owner("core-team");
    /// assert_eq!((rule.id(), rule.owner()), (Some("owner-may-edit"), Some("core-team")));
    /// ```
    #[must_use]
    pub const fn with_id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Returns the id, or `None` if there is none.
    #[must_use]
    pub const fn id(&self) -> Option<&'static str> {
        self.id
    }

    /// Adds who answers for the rule, such as a team; `#[rule(owner = "…")]` above a row of `acl!` does the same.
    #[must_use]
    pub const fn with_owner(mut self, owner: &'static str) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Returns who answers for the rule, or `None` if nothing says so.
    #[must_use]
    pub const fn owner(&self) -> Option<&'static str> {
        self.owner
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __until(mut self, day: &'static str) -> Self {
        self.until = Some(day);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __at(mut self, place: u32) -> Self {
        self.place = place;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __overlaid(mut self, overlay: &'static ListOverlay) -> Self {
        self.overlay = Some(overlay);
        self
    }

    /// Returns the overlay that the list of the rule declares, or `None` if it declares none.
    #[must_use]
    pub const fn overlay(&self) -> Option<&'static ListOverlay> {
        self.overlay
    }

    /// Returns the last day on which the rule is meant to be in the source, such as `2027-01-31`, or `None` if there
    /// is none. Only a row of `acl!` has one: `#[rule(until = "2027-01-31")]`.
    ///
    /// The rule decides after that day as before, because rules are constants. What fails is the test that compares
    /// the access table with its snapshot.
    #[must_use]
    pub const fn until(&self) -> Option<&'static str> {
        self.until
    }

    /// Returns whether the rule repeats another one for a group that includes its group, because the list has a
    /// [`GroupHierarchy`](crate::GroupHierarchy). No row stands for it.
    #[must_use]
    pub const fn is_inherited(&self) -> bool {
        self.inherited
    }

    /// Returns the action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Returns the principal.
    #[must_use]
    pub const fn principal(&self) -> Principal<'a> {
        self.principal
    }

    /// Returns the permissions.
    #[must_use]
    pub const fn permissions(&self) -> Permissions<'a> {
        self.permissions
    }

    /// Returns the source file of the rule; empty for a rule made at run time.
    #[cfg(feature = "rule-hits")]
    #[doc(hidden)]
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the source line of the rule; `None` for a rule made at run time.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        if self.line == 0 { None } else { Some(self.line) }
    }
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:?}, {}, {:?}", self.action, self.principal, self.permissions)?;
        match self.conditions {
            [] => {}
            [only] => write!(f, ", if {only}")?,
            [first, others @ ..] => {
                write!(f, ", if all({first}")?;
                others.iter().try_for_each(|other| write!(f, ", {other}"))?;
                f.write_str(")")?;
            }
        }
        f.write_str(")")
    }
}

impl fmt::Debug for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
