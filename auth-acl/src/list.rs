//! A constant list.

use core::{fmt, iter::Copied, slice};

use super::{
    Decision, Explanation, Name, Principals, Rule, decide, explain,
    firsts::{First, Table},
    name::Permission,
    reach,
};

/// An ordered list of rules that is a constant of the program.
///
/// It is made by `acl!`, can be copied, and is attached to guards by its name. The first rule whose
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
    composed: bool,
    malformed: bool,
    /// The groups that anonymous requests can be in
    anonymous_groups: &'static [Name<'static>],
}

impl Acl {
    /// The list without rules, which allows nothing.
    pub const EMPTY: Self = Self::__new(&[], &[], "");

    #[doc(hidden)]
    #[must_use]
    pub const fn __new(
        rules: &'static [Rule<'static>],
        firsts: &'static [First],
        file: &'static str,
    ) -> Self {
        Self { rules, firsts, file, composed: false, malformed: false, anonymous_groups: &[] }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __composed(
        rules: &'static [Rule<'static>],
        firsts: &'static [First],
        file: &'static str,
    ) -> Self {
        Self { composed: true, ..Self::__new(rules, firsts, file) }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __with_anonymous_groups(mut self, groups: &'static [Name<'static>]) -> Self {
        self.anonymous_groups = groups;
        self
    }

    /// What `acl!` leaves behind when it has complained, so that guards do not complain once more.
    #[doc(hidden)]
    #[must_use]
    pub const fn __malformed() -> Self {
        Self { malformed: true, ..Self::EMPTY }
    }

    pub(crate) const fn is_malformed(&self) -> bool {
        self.malformed
    }

    pub(crate) const fn table(&self) -> Table<'static> {
        Table::new(self.rules, self.firsts, self.composed).with_anonymous_groups(self.anonymous_groups)
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

    /// Returns the places of rules that can never decide, because earlier ones decide the same for all whom they name.
    ///
    /// They do no harm, and may as well be removed.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, Acl};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["view"])];
    /// assert!(ARTICLES.redundant().eq([1]));
    /// ```
    pub fn redundant(&self) -> impl Iterator<Item = usize> {
        self.fates(reach::Fate::Redundant)
    }

    /// Returns the places of rules that can never decide, because earlier ones decide the opposite for all whom they name.
    ///
    /// A row that is one does not build; but rules that another list brings in by `..` may be overruled on purpose, and
    /// are listed here.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, Acl};
    ///
    /// const SITE: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
    /// const ARCHIVE: Acl = acl![(Deny, Everyone, ["edit"]), ..SITE];
    /// assert!(ARCHIVE.conflicts().eq([2]));
    /// ```
    pub fn conflicts(&self) -> impl Iterator<Item = usize> {
        self.fates(reach::Fate::Overruled)
    }

    fn fates(&self, fate: reach::Fate) -> impl Iterator<Item = usize> {
        let table = self.table();
        (0..self.rules.len()).filter(move |at| reach::fate(&table, *at) == fate)
    }

    /// Decides whether `principals` may do `permission`.
    #[must_use]
    pub fn decide(&self, permission: impl Permission, principals: &Principals<'_>) -> Decision {
        decide(self, permission.name(), principals)
    }

    /// Decides, and says why: each rule in order, where it stands, and what would have been enough.
    #[must_use]
    pub fn explain(&self, permission: impl Permission, principals: &Principals<'_>) -> Explanation {
        // The rows of a list that was put together stand in several files.
        let file = if self.composed { "" } else { self.file };
        explain(self, permission.name(), principals).in_file(file)
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
