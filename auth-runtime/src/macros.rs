//! The macros that are called by name with an exclamation mark.

/// Declares an ordered list of rules as a constant.
///
/// A row is a tuple: `Allow` or `Deny`, a principal, and a list of permissions. Principals are `Everyone`,
/// `Authenticated`, `User("id")` and `Group("name")`; permissions and groups are string or integer literals or variants of
/// enums that derive [`Permission`](trait@crate::Permission) or [`Group`](trait@crate::Group); `ALL` stands for every permission. None
/// of these words has to be imported. The first row whose principal is among the request's and whose permissions hold the one asked for decides.
///
/// Names are compared as a whole; there are no wildcards. A malformed row does not compile, and the message says what to write
/// instead; nor does a row that can never decide, because earlier ones decide the opposite for all whom it names.
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
/// # Groups of anonymous requests
///
/// Members of groups count as authenticated users when rows are checked against earlier ones: `(Deny, Group("interns"), ["edit"])`
/// behind `(Allow, Authenticated, ["edit"])` does not compile, because interns would edit. Where the application puts anonymous
/// requests into groups, `anonymous_groups = […]` before all rows states which ones; a row about such a group may follow one about
/// all users. With `groups = …` the groups that such a group includes are stated, too. A list that takes in another by `..`
/// states them again.
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
/// # Lists put together
///
/// `..ARTICLES` puts the rules of another list in its place; what comes first decides, so the most specific comes first.
/// `groups = ROLES` and `implied = RIGHTS`, before all rows, name a [`GroupHierarchy`](crate::acl::GroupHierarchy) and
/// [`ImpliedPermissions`](crate::acl::ImpliedPermissions).
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

/// Says which groups include the members of which others: pairs of a group and the groups that it includes.
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

/// Says which permissions imply which others: pairs of a permission and those that it implies.
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
/// Each type is declared like a struct: its name, the permission (or an expression of `any` and `all`), and the list that
/// judges. Without a list, the rules of a [`Resource`](crate::Resource) judge; it is loaded for anonymous requests only where
/// `, anonymous` follows the permission.
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

/// Proves statements about a constant list while the program is compiled.
///
/// A statement says who can do what. It is proved for every request that there can be, whatever users, groups and
/// combinations of groups it comes with; one that does not hold for all of them is a compile error at the statement,
/// which names a witness and the rule that decides for it.
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
/// The same statements do not compile any more when somebody widens the rules:
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
/// | statement | it holds when |
/// |---|---|
/// | `anonymous can "view";` | requests of nobody, in no group, may |
/// | `anonymous cannot "edit";` | they may not |
/// | `everyone can "view";` | all requests may |
/// | `nobody can "purge";` | no request may |
/// | `authenticated can "comment";` | all requests of a user may, whoever it is |
/// | `group "editors" can "edit";` | all requests in the group may, of a user or of nobody, whatever else they are in |
/// | `user "mallory" cannot "comment";` | no request of that user may, whatever groups it is in |
/// | `only authenticated can "comment";` | requests of nobody may not, whatever groups they are in |
/// | `only group "admins" can "delete";` | requests outside of the group may not |
/// | `only user "root" can "purge";` | requests of nobody and of all other users may not |
/// | `nobody has both "request" and "approve";` | no request may do one and the other as well |
///
/// Permissions and groups are written as in [`acl!`](crate::acl!): strings, integers or variants of enums. Where one
/// permission stands, a list may stand, too: `anonymous cannot ["edit", "delete"]` says it of each. A permission, a group
/// or a user that no rule names is a mistake of its own, because a statement about it would hold for no good reason.
///
/// The macro stands among items, in a module or in a function, as often as one likes. The context is a constant: a name,
/// a path, or an associated constant.
///
/// # Cost
///
/// Everything is decided while the program is compiled, without a solver: whoever refutes a statement can be found among
/// those whom the rules about its permission name, so no more than these are tried. A list costs about one millisecond of
/// `cargo check` for each rule, checks included; a statement costs about two milliseconds, whether the list has a hundred
/// rules or a thousand, so five hundred statements are proved in a second. `nobody has both` takes less than a second up to
/// three hundred groups for each of its permissions. The compiler's patience with constants
/// (`long_running_const_eval`) is not tried by lists of three thousand rules. `benches/rules.sh` measures all of this.
///
/// # What is not proved
///
/// A statement is about the rules. A group callback that blocks a user, and a guard that asks for something else, are out
/// of its sight.
#[macro_export]
macro_rules! acl_assert {
    ($($proof:tt)*) => {
        $crate::__private::acl_assert_impl! { $crate; $($proof)* }
    };
}

/// Proves, while the program is compiled, that one constant list allows nothing that another one refuses.
///
/// The first list is the new one. It may refuse what the old one allowed; what it must not do is allow more, to whomever.
/// A counterexample is named in the message. Two lists of four hundred rules each are compared in less than a second, two
/// of a thousand in about two; it grows with the number of rules, and the compiler's patience ends between three and eight
/// thousand.
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
/// // in `ARTICLES_NEXT` a signed-in user in no group may `edit`: rule 2 allows it; in `ARTICLES` no rule allows it
/// acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);
/// ```
#[macro_export]
macro_rules! acl_assert_no_wider {
    ($($contexts:tt)*) => {
        $crate::__private::acl_assert_no_wider_impl! { $crate; $($contexts)* }
    };
}

/// Checks, while the program is compiled, that constant lists use all permissions of an enum, and no others.
///
/// A variant that none of the lists names is a right that nobody was given or refused by name: somebody has added it to
/// the enum and forgotten the rules. A name in a list that is no variant is a slip. Rules for `ALL` name nothing.
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
