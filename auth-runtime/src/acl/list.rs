//! A constant list.

use std::{fmt, iter::Copied, slice};

use super::{
    Decision, Principals, Rule, decide,
    firsts::{First, Table},
    name::Permission,
};

/// An ordered list of rules that is a constant of the program.
///
/// It is made by [`acl!`](crate::acl!), can be copied, and is attached to guards by its name. The first rule whose
/// principal is among the request's and whose permissions hold the one asked for decides; where there is none, the
/// answer is no.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Allow, Group("admins"), ALL),
/// ];
/// assert_eq!(ARTICLES.rules().len(), 2);
/// ```
#[derive(Clone, Copy)]
pub struct Acl {
    rules: &'static [Rule<'static>],
    firsts: &'static [First],
    file: &'static str,
    malformed: bool,
}

impl Acl {
    /// The list without rules, which allows nothing.
    pub const EMPTY: Self = Self { rules: &[], firsts: &[], file: "", malformed: false };

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(
        rules: &'static [Rule<'static>],
        firsts: &'static [First],
        file: &'static str,
    ) -> Self {
        Self { rules, firsts, file, malformed: false }
    }

    /// What `acl!` leaves behind when it has complained, so that guards do not complain once more.
    #[doc(hidden)]
    #[must_use]
    pub const fn __malformed() -> Self {
        Self { rules: &[], firsts: &[], file: "", malformed: true }
    }

    pub(crate) const fn is_malformed(&self) -> bool {
        self.malformed
    }

    pub(crate) const fn table(&self) -> Table<'static> {
        Table { rules: self.rules, firsts: self.firsts }
    }

    /// Returns the rules in order.
    #[must_use]
    pub const fn rules(&self) -> &'static [Rule<'static>] {
        self.rules
    }

    /// Returns the rules one by one.
    pub fn iter(&self) -> Copied<slice::Iter<'static, Rule<'static>>> {
        self.rules.iter().copied()
    }

    /// Returns the source file in which the list stands.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Decides whether `principals` may do `permission`.
    #[must_use]
    pub fn decide(&self, permission: impl Permission, principals: &Principals<'_>) -> Decision {
        decide(self, permission.name(), principals)
    }
}

impl IntoIterator for Acl {
    type Item = Rule<'static>;
    type IntoIter = Copied<slice::Iter<'static, Rule<'static>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a Acl {
    type Item = Rule<'a>;
    type IntoIter = Copied<slice::Iter<'a, Rule<'a>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rules).finish()
    }
}
