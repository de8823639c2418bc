//! Holds the rules of a constant ACL, with its tables: [`Acl`].

use alloc::vec::Vec;
use core::{fmt, iter::Copied, slice};

use super::{
    Condition, ConditionAnswer, Decision, Explanation, ListOverlay, Name, OverlayRules, Principals, Rule,
    compile_time_checks, decide,
    explain::explain_each,
    first_match_table::{First, Table},
    permission_and_group::Permission,
};

/// An ordered list of rules that is a constant of the program.
///
/// It is made by `acl!`, can be copied, and is attached to guards by its name. The first rule that matches
/// one of the request's principals and the permission decides; without such a rule, the permission is denied.
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
    /// A rule has an overlay
    overlaid: bool,
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
        let overlaid = is_overlaid(rules);
        Self { rules, firsts, file, composed: false, malformed: false, overlaid, anonymous_groups: &[] }
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

    /// What `acl!` expands to after a compile error, so that guards do not report further errors.
    #[doc(hidden)]
    #[must_use]
    pub const fn __malformed() -> Self {
        Self { malformed: true, ..Self::EMPTY }
    }

    pub(crate) const fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Returns whether the list, or one that it includes, declares an overlay.
    #[must_use]
    pub const fn is_overlaid(&self) -> bool {
        self.overlaid
    }

    /// Returns the overlays that the list, and those that it includes, declare; each once.
    #[must_use]
    pub fn overlays(&self) -> Vec<ListOverlay> {
        let mut overlays: Vec<ListOverlay> = Vec::new();
        for overlay in self.rules.iter().filter_map(Rule::overlay) {
            if !overlays.contains(overlay) {
                overlays.push(*overlay);
            }
        }
        overlays
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

    /// Returns the source file of the list.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the indices of redundant rules: ones that can never decide, because earlier rules decide the
    /// same for all requests that they match.
    ///
    /// They are harmless, and can be removed. Rules that a hierarchy of groups repeats are left out, since no row
    /// stands for them. With `deny(redundant)` before the rows of the list, a redundant row is a compile error.
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
        let is_written = |at: &usize| self.rules.get(*at).is_some_and(|rule| !rule.is_inherited());
        self.fates(compile_time_checks::Fate::Redundant).filter(is_written)
    }

    /// Returns the indices of overruled rules: ones that can never decide, because earlier rules decide the
    /// opposite for all requests that they match.
    ///
    /// Such a row is a compile error; but rules that another list contributes by `..` may be overruled on
    /// purpose, and are returned here.
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
        self.fates(compile_time_checks::Fate::Overruled)
    }

    fn fates(&self, fate: compile_time_checks::Fate) -> impl Iterator<Item = usize> {
        let table = self.table();
        (0..self.rules.len()).filter(move |at| compile_time_checks::fate(&table, *at) == fate)
    }

    /// Returns the groups that anonymous requests can be in, as `anonymous_groups = […]` declares them.
    #[must_use]
    pub const fn anonymous_groups(&self) -> &'static [Name<'static>] {
        self.anonymous_groups
    }

    /// Returns whether a rule has a condition.
    #[must_use]
    pub const fn has_conditions(&self) -> bool {
        self.table().has_conditions()
    }

    /// Decides whether `principals` may do `permission`, without answers to conditions (see [`decide`]).
    #[must_use]
    pub fn decide(&self, permission: impl Permission, principals: &Principals<'_>) -> Decision {
        decide(self, permission.name(), principals)
    }

    /// Decides, and explains: the effect of each rule in order, its source line, and what would have been
    /// sufficient.
    #[must_use]
    pub fn explain(&self, permission: impl Permission, principals: &Principals<'_>) -> Explanation {
        self.explain_with_overlay(permission, principals, None)
    }

    /// Decides and explains as [`explain`](Self::explain) does, with the rules of overlays.
    #[must_use]
    pub fn explain_with_overlay(
        &self,
        permission: impl Permission,
        principals: &Principals<'_>,
        overlay: Option<&OverlayRules>,
    ) -> Explanation {
        self.explain_if(permission, principals, overlay, |_| ConditionAnswer::Unknown)
    }

    /// Decides and explains as [`explain_with_overlay`](Self::explain_with_overlay) does, with these answers to
    /// conditions.
    #[must_use]
    pub fn explain_if(
        &self,
        permission: impl Permission,
        principals: &Principals<'_>,
        overlay: Option<&OverlayRules>,
        answer: impl Fn(&Condition) -> ConditionAnswer,
    ) -> Explanation {
        // The rows of a combined list come from several files.
        let file = if self.composed { "" } else { self.file };
        explain_each(self, permission.name(), principals, overlay, |_, condition| answer(condition))
            .in_file(file)
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "`at` stays below the length; constants have no iterators"
)]
const fn is_overlaid(rules: &[Rule<'_>]) -> bool {
    let mut at = 0;
    while at < rules.len() {
        if rules[at].overlay.is_some() {
            return true;
        }
        at += 1;
    }
    false
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
