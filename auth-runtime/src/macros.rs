//! Exports the function-like macros.

/// Declares an ordered list of rules as a constant.
///
/// A row is a tuple: `Allow` or `Deny`, a principal, and a list of permissions. Principals are `Everyone`,
/// `Authenticated`, `User("id")` and `Group("name")`; permissions and groups are string or integer literals
/// or variants of enums that derive [`Permission`](trait@crate::Permission) or [`Group`](trait@crate::Group);
/// `ALL` stands for every permission. None of these names has to be imported. The first row that matches one
/// of the request's principals and the permission decides.
///
/// Names are compared as a whole; there are no wildcards. A malformed row is a compile error that says what
/// to write instead, and so is an unreachable row: one whose requests earlier rows all decide the opposite
/// way.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, Acl, Group, Permission};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Edit,
/// }
///
/// #[derive(Clone, Copy, Group)]
/// enum Role {
///     Editor,
///     Admin,
/// }
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, [Can::View]),
///     (Deny, User("mallory"), [Can::Edit]),
///     (Allow, Group(Role::Editor), [Can::Edit]),
///     (Allow, Group(Role::Admin), ALL),
/// ];
/// assert_eq!(ARTICLES.rules().len(), 4);
/// ```
///
/// # Notes
///
/// A doc comment in front of a rule becomes its note: [`Rule::note`](crate::Rule::note) returns it, and explanations of
/// decisions show it.
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     /// Banned for spam.
///     (Deny, User("mallory"), ["comment"]),
///     (Allow, Authenticated, ["comment"]),
/// ];
/// assert_eq!(ARTICLES.rules()[0].note(), Some("Banned for spam."));
/// ```
///
/// # Named rules
///
/// `#[rule(id = "…", owner = "…", until = "…")]` in front of a row names the rule, says who answers for it, and until
/// which day (in UTC) it is meant to be there. Each argument may be left out. The rule decides as it would without.
///
/// - Log events, explanations and the access table show the id, which stays the same when rows are added or moved.
/// - The access table lists the owner, the last day and the note.
/// - [`assert_access_snapshot!`](crate::assert_access_snapshot) fails after the last day. The rule itself stays in
///   force: no rule changes without a change of the source. For lists that no guard names, call
///   [`expired_rules`](crate::access::expired_rules).
///
/// Two rules with one id, also by way of `..OTHER`, and a day that is not one of the calendar are compile errors.
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     /// Until the new desk is staffed.
///     #[rule(id = "press-may-edit", owner = "press-team", until = "2027-01-31")]
///     (Allow, Group("press"), ["edit"]),
/// ];
/// assert_eq!(ARTICLES.rules()[1].id(), Some("press-may-edit"));
/// ```
///
/// ```compile_fail
/// # use auth_runtime::{acl, Acl};
/// const ARTICLES: Acl = acl![
///     #[rule(id = "press-may-edit", until = "2027-02-29")] // not a date
///     (Allow, Group("press"), ["edit"]),
/// ];
/// ```
///
/// # Conditions
///
/// `if OWNER`, or `if all(OWNER, OFFICE_HOURS)`, behind the permissions of a row: the rule fires only if all of these
/// constants of the type [`Condition`](crate::Condition) hold. A condition that cannot be answered fails closed: a rule that
/// allows does not fire, and a rule that denies does. See [`conditions`](crate::conditions).
///
/// For the compile-time checks such a rule may fire or not: it makes no rule below it unreachable, unless that one has the
/// same condition, and a grant under a condition counts for the `budget`.
///
/// ```
/// use auth_runtime::{acl, Acl, Condition, OWNER};
///
/// const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");
///
/// const ARTICLES: Acl = acl![
///     (Deny, Everyone, ["edit"], if OWNER),
///     (Allow, Group("editors"), ["edit"], if OFFICE_HOURS),
/// ];
/// assert_eq!(ARTICLES.rules()[1].conditions(), [OFFICE_HOURS]);
/// ```
///
/// ```compile_fail
/// # use auth_runtime::{acl, Acl, Condition};
/// const OFFICE_HOURS: Condition = Condition::daily("office-hours", "07:00", "17:00");
/// const ARTICLES: Acl = acl![(Allow, Group("editors"), ["edit"], if OFFICE_HOUR)]; // misspelt
/// ```
///
/// # Redundant rows
///
/// A row whose requests earlier rows all decide the same way is harmless; [`Acl::redundant`](crate::Acl::redundant)
/// and the [findings](crate::access::AccessTable::findings) of the access table report it. With `deny(redundant)`
/// before all rows it is a compile error. Rules that another list contributes by `..` are not checked.
///
/// # Overlay
///
/// `overlay = "articles"`, before all rows, lets an operator tighten the list while the application runs, by
/// rules from a file or a store (feature `overlay`). They are evaluated before the rows, and only deny.
/// `overlay = widening("articles")` lets them allow as well; statements about denials of such a list do not
/// compile ([`acl_assert!`](crate::acl_assert)). A list that includes one with an overlay declares none or
/// the same.
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![overlay = "articles", (Allow, Group("editors"), ["edit"])];
/// assert_eq!(ARTICLES.overlays()[0].name(), "articles");
/// ```
///
/// # Budget of grants
///
/// `budget = 12`, before all rows, makes the compiler count the grants: kinds of requests times the permissions that
/// they have. The kinds are those of the access table (anonymous, signed in, a member of each group and each user
/// that a rule names); all permissions that no rule names count as one. The number must be met exactly: who adds a
/// grant has to raise it, which a review sees, and who removes one has to lower it. Count with `budget = 0` first.
///
/// To see which grants come and go between two lists, print an [`acl_diff`](crate::access::acl_diff).
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     budget = 5, // `view` for anonymous requests, users and press, and `edit` and `publish` for press
///     deny(redundant),
///     (Allow, Everyone, ["view"]),
///     (Allow, Group("press"), ["edit", "publish"]),
/// ];
/// ```
///
/// # Groups of anonymous requests
///
/// Members of groups count as authenticated users when rows are checked against earlier ones: `(Deny,
/// Group("interns"), ["edit"])` behind `(Allow, Authenticated, ["edit"])` does not compile, because interns
/// would edit. If the application puts anonymous requests into groups, declare these groups by
/// `anonymous_groups = […]` before all rows; a row about such a group may follow one about all users. With
/// `groups = …` declare the groups that such a group includes, too. A list that includes another by `..`
/// declares them again.
///
/// ```
/// use auth_runtime::{acl, Acl};
///
/// const ARTICLES: Acl = acl![
///     anonymous_groups = ["office-network"],
///     (Allow, Authenticated, ["view", "print"]),
///     (Deny, Group("office-network"), ["print"]),
///     (Allow, Group("office-network"), ["view"]),
/// ];
/// assert_eq!(ARTICLES.conflicts().count(), 0);
/// ```
///
/// # Combined lists
///
/// `..ARTICLES` inserts the rules of another list; the first match decides, so put the most specific rules
/// first. `groups = ROLES` and `implied = RIGHTS`, before all rows, name a
/// [`GroupHierarchy`](crate::acl::GroupHierarchy) and [`ImpliedPermissions`](crate::acl::ImpliedPermissions).
///
/// ```
/// use auth_runtime::{acl, acl::GroupHierarchy, group_hierarchy, Acl, Groups, Principals};
///
/// const SITE: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"])];
/// const SECRET_SECTION: Acl = acl![
///     groups = ROLES,
///     (Deny, User("mallory"), ALL),
///     ..SITE,
///     (Allow, Group("admins"), ["delete"]),
/// ];
///
/// let admins = Groups::from(["admins"]);
/// assert!(SECRET_SECTION.decide("edit", &Principals::user("alice", &admins)).is_allow());
/// assert!(!SECRET_SECTION.decide("view", &Principals::user("mallory", &admins)).is_allow());
/// ```
#[macro_export]
macro_rules! acl {
    ($($rows:tt)*) => {
        $crate::__private::acl_impl! { $crate; $($rows)* }
    };
}

/// Declares which groups include the members of which others: pairs of a group and the groups that it
/// includes.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl::GroupHierarchy, group_hierarchy};
///
/// const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"]), ("editors", ["readers", "reviewers"])];
/// ```
#[macro_export]
macro_rules! group_hierarchy {
    ($($pairs:tt)*) => {
        $crate::__private::group_hierarchy_impl! { $crate; $($pairs)* }
    };
}

/// Declares which permissions imply which others: pairs of a permission and those that it implies.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl::ImpliedPermissions, implied_permissions};
///
/// const RIGHTS: ImpliedPermissions = implied_permissions![("delete", ["edit"]), ("edit", ["view"])];
/// ```
#[macro_export]
macro_rules! implied_permissions {
    ($($pairs:tt)*) => {
        $crate::__private::implied_permissions_impl! { $crate; $($pairs)* }
    };
}

/// Declares what a [`Permit`](crate::guard::Permit) proves.
///
/// Each type is declared like a struct: its name, the permission (or an expression of `any` and `all`), and
/// the list that decides. Without a list, the rules of a [`Resource`](crate::Resource) decide; it is loaded
/// for anonymous requests only if `, anonymous` follows the permission.
///
/// # Example
///
/// ```
/// use auth_runtime::{acl, permit, Acl};
///
/// const ARTICLES: Acl = acl![(Allow, Group("admins"), ["delete"]), (Allow, Group("editors"), ["edit"])];
///
/// permit! {
///     /// May delete any article
///     pub struct MayDelete = "delete" in ARTICLES;
///     /// May change the article that the permit carries
///     pub struct MayEdit = any("edit", "own");
///     /// May see the article, without an account if the article's rules say so
///     pub struct MayView = "view", anonymous;
/// }
/// ```
#[macro_export]
macro_rules! permit {
    ($($declared:tt)*) => {
        $crate::__private::permit_impl! { $crate; $($declared)* }
    };
}

/// Proves statements about a constant list at compile time.
///
/// A statement says which requests are granted a permission. It is proved for all possible requests, with any
/// user and any combination of groups; one that does not hold for all of them is a compile error at the
/// statement, which names a counterexample and the rule that decides it.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, acl, acl_assert};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Deny, User("mallory"), ["comment"]),
///     (Allow, Authenticated, ["comment"]),
///     (Allow, Group("editors"), ["edit"]),
///     (Allow, Group("admins"), ["edit", "delete"]),
/// ];
///
/// acl_assert!(ARTICLES {
///     everyone can "view";
///     anonymous cannot ["comment", "edit", "delete"];
///     user "mallory" cannot "comment";
///     group "editors" can "edit";
///     only group "admins" can "delete";
/// });
/// ```
///
/// The same statements no longer compile if the rules grant more:
///
/// ```compile_fail
/// use auth_runtime::{Acl, acl, acl_assert};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Allow, Authenticated, ["edit"]),
///     (Allow, Group("editors"), ["edit"]),
/// ];
///
/// acl_assert!(ARTICLES {
///     only group "editors" can "edit"; // in `ARTICLES` a signed-in user in no group may `edit`: rule 2 allows it
/// });
/// ```
///
/// # Statements
///
/// | statement | it holds if |
/// |---|---|
/// | `anonymous can "view";` | anonymous requests in no group are granted it |
/// | `anonymous cannot "edit";` | they are not |
/// | `everyone can "view";` | all requests are granted it |
/// | `nobody can "purge";` | no request is granted it |
/// | `authenticated can "comment";` | all requests of all users are granted it |
/// | `group "editors" can "edit";` | all requests in the group are granted it, authenticated or not, in any other groups |
/// | `user "mallory" cannot "comment";` | no request of that user is granted it, in any groups |
/// | `only authenticated can "comment";` | no anonymous request is granted it, in any groups |
/// | `only group "admins" can "delete";` | no request outside of the group is granted it |
/// | `only user "root" can "purge";` | no anonymous request and no other user's is granted it |
/// | `nobody has both "request" and "approve";` | no request is granted both (separation of duties) |
///
/// Permissions and groups are written as in [`acl!`](crate::acl!): strings, integers or variants of enums. A
/// list may replace a permission: `anonymous cannot ["edit", "delete"]` applies to each. A permission, a
/// group or a user that no rule names is an error, because a statement about it would hold vacuously.
///
/// The macro is used as an item, in a module or in a function, any number of times. The list is a constant: a
/// name, a path, or an associated constant.
///
/// # Cost
///
/// Everything is evaluated at compile time, without a solver: a counterexample can always be found among the
/// principals that the rules about the permission name, so only these are tried. A list costs about one
/// millisecond of `cargo check` for each rule, checks included; a statement costs about two milliseconds,
/// whether the list has a hundred rules or a thousand, so five hundred statements are proved in a second.
/// `nobody has both` takes less than a second up to three hundred groups for each of its permissions. Lists
/// of three thousand rules stay below the compiler's limit on constants (`long_running_const_eval`).
/// `benches/rules.sh` measures all of this.
///
/// # What is not proved
///
/// A statement is about the rules. It does not cover a group callback that blocks a user, nor a guard that
/// asks for something else.
#[macro_export]
macro_rules! acl_assert {
    ($($proof:tt)*) => {
        $crate::__private::acl_assert_impl! { $crate; $($proof)* }
    };
}

/// Proves at compile time that one constant list allows nothing that another one refuses.
///
/// The first list is the new one. It may refuse what the old one allowed, but must not allow anything more.
/// The message contains a counterexample. Two lists of four hundred rules each are compared in less than a
/// second, two of a thousand in about two; the cost grows with the number of rules, and the compiler's limit
/// is reached between three and eight thousand.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, acl, acl_assert_no_wider};
///
/// const ARTICLES: Acl = acl![
///     (Allow, Everyone, ["view"]),
///     (Allow, Authenticated, ["comment"]),
///     (Allow, Group("editors"), ["edit"]),
/// ];
/// const ARTICLES_NEXT: Acl = acl![
///     (Deny, User("mallory"), ["comment"]),
///     (Allow, Authenticated, ["view", "comment"]),
///     (Allow, Group("editors"), ["edit"]),
/// ];
/// acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);
/// ```
///
/// ```compile_fail
/// use auth_runtime::{Acl, acl, acl_assert_no_wider};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
/// const ARTICLES_NEXT: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Authenticated, ["edit"])];
///
/// // in `ARTICLES_NEXT` a signed-in user in no group may `edit`: rule 2 allows it, and in `ARTICLES` no rule
/// // allows it; remove `edit` from rule 2 of `ARTICLES_NEXT`
/// acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);
/// ```
#[macro_export]
macro_rules! acl_assert_no_wider {
    ($($contexts:tt)*) => {
        $crate::__private::acl_assert_no_wider_impl! { $crate; $($contexts)* }
    };
}

/// Checks at compile time that constant lists use all permissions of an enum, and no others.
///
/// A variant that none of the lists names is neither granted nor refused by name: it was probably added to
/// the enum without rules. A name in a list that is not a variant is a mistake. Rules for `ALL` name nothing.
///
/// # Example
///
/// ```
/// use auth_runtime::{Acl, Permission, acl, acl_vocabulary};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Comment,
///     Edit,
/// }
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Group("editors"), [Can::Edit])];
/// const COMMENTS: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Authenticated, ["comment"])];
///
/// acl_vocabulary!(Can: ARTICLES, COMMENTS);
/// ```
///
/// ```compile_fail
/// # use auth_runtime::{Acl, Permission, acl, acl_vocabulary};
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     Archive,
/// }
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, [Can::View])];
///
/// acl_vocabulary!(Can: ARTICLES); // no listed context mentions `Can::Archive` (`archive`)
/// ```
#[macro_export]
macro_rules! acl_vocabulary {
    ($($vocabulary:tt)*) => {
        $crate::__private::acl_vocabulary_impl! { $crate; $($vocabulary)* }
    };
}
