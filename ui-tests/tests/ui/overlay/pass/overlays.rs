use auth_runtime::{Acl, acl, acl::GroupHierarchy, acl_assert, acl_assert_no_wider, group_hierarchy};

const ROLES: GroupHierarchy = group_hierarchy![("admins", ["editors"])];
const SITE: Acl = acl![overlay = "site", (Allow, Everyone, ["view"])];
const ARTICLES: Acl = acl![overlay = "site", groups = ROLES, ..SITE, (Allow, Group("editors"), ["edit"])];
/// It has no overlay of its own, and keeps that of `SITE`.
const PAGES: Acl = acl![(Allow, Group("editors"), ["edit"]), ..SITE];
const NEWS: Acl = acl![deny(redundant), overlay = widening("news"), (Allow, Group("editors"), ["publish"])];
const NONE: Acl = acl![overlay = "none"];

// The statements are about the constant list, which an overlay that may not widen only tightens.
acl_assert!(ARTICLES {
    anonymous cannot "edit";
    group "admins" can "edit";
});
acl_assert!(NEWS {
    group "editors" can "publish";
});
acl_assert_no_wider!(SITE, ARTICLES);

pub(crate) fn main() {
    let overlays = |acl: Acl| acl.overlays().iter().map(|it| (it.name(), it.may_widen())).collect::<Vec<_>>();
    assert_eq!(overlays(ARTICLES), [("site", false)]);
    assert_eq!(overlays(PAGES), [("site", false)]);
    assert_eq!(overlays(NEWS), [("news", true)]);
    assert!(overlays(NONE).is_empty() && !NONE.is_overlaid());
    let own: Vec<_> = PAGES.rules().iter().map(|rule| rule.overlay().is_some()).collect();
    assert_eq!(own, [false, true]);
    assert_eq!(ARTICLES.rules().iter().filter(|rule| rule.overlay().is_some()).count(), 3);
}
