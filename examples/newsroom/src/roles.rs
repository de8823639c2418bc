//! Roles, permissions and the constant rules of the newsroom: [`Role`], [`Can`], [`NEWSROOM`], [`ARTICLES`]
//! and [`APPEARED`].
//!
//! Rules about one article depend on its state and are in [`crate::articles`].

use auth_runtime::{
    Acl, Group, Name, Permission, acl, acl::GroupHierarchy, acl_assert, acl_vocabulary, group_hierarchy,
};

/// What a person does in the newsroom. Each person has one role.
#[derive(Clone, Copy, Debug, Eq, Group, PartialEq)]
pub enum Role {
    /// Reads and comments
    Reader,
    /// Writes articles
    Author,
    /// Reviews and publishes articles
    Editor,
    /// Runs the newsroom
    Chief,
    /// Helps people with their accounts
    Support,
}

impl Role {
    /// All roles, the one with the fewest permissions first.
    pub const ALL: [Self; 5] = [Self::Reader, Self::Author, Self::Editor, Self::Chief, Self::Support];

    /// Returns the name in the database and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Chief => "chief",
            Self::Support => "support",
        }
    }

    /// Returns the role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// What can be allowed or denied.
#[derive(Clone, Copy, Debug, Permission)]
pub(crate) enum Can {
    /// Write below an article
    Comment,
    /// Take a comment away
    DeleteComment,
    /// Change the text of an article
    Edit,
    /// Read the live feed
    Follow,
    /// Act in the name of another person
    Impersonate,
    /// Give roles, and block people
    ManagePeople,
    /// See the pages of operators
    Operate,
    /// Let a reviewed article appear, now or later
    Publish,
    /// Return an article to its author
    SendBack,
    /// Add co-authors to an article, and remove them
    Share,
    /// Hand an article to the editors
    Submit,
    /// Export and import articles
    Transfer,
    /// Read an article
    View,
    /// Begin an article
    Write,
}

impl Can {
    /// All permissions, in the order of the alphabet.
    pub(crate) const ALL: [Self; 14] = [
        Self::Comment,
        Self::DeleteComment,
        Self::Edit,
        Self::Follow,
        Self::Impersonate,
        Self::ManagePeople,
        Self::Operate,
        Self::Publish,
        Self::SendBack,
        Self::Share,
        Self::Submit,
        Self::Transfer,
        Self::View,
        Self::Write,
    ];

    /// Returns the permission with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|can| can.name() == Name::Text(name))
    }
}

/// A chief is an editor too, and an editor an author.
const RANKS: GroupHierarchy = group_hierarchy![(Role::Chief, [Role::Editor]), (Role::Editor, [Role::Author])];

/// Rules that depend on the person only.
pub(crate) const NEWSROOM: Acl = acl![
    groups = RANKS,
    (Allow, Authenticated, [Can::Follow]),
    (Allow, Group(Role::Author), [Can::Write]),
    (Allow, Group(Role::Editor), [Can::DeleteComment]),
    (Allow, Group(Role::Chief), [Can::ManagePeople, Can::Operate, Can::Transfer]),
    (Allow, Group(Role::Support), [Can::Impersonate, Can::Operate]),
];

/// The next rules, which run in the shadow: support will have pages of its own, and editors look after the newsroom.
pub(crate) const NEWSROOM_NEXT: Acl = acl![
    groups = RANKS,
    (Allow, Authenticated, [Can::Follow]),
    (Allow, Group(Role::Author), [Can::Write]),
    (Allow, Group(Role::Editor), [Can::DeleteComment, Can::Operate]),
    (Allow, Group(Role::Chief), [Can::ManagePeople, Can::Transfer]),
    (Allow, Group(Role::Support), [Can::Impersonate]),
];

/// Rules about all articles. Those about one article come before them.
pub(crate) const ARTICLES: Acl = acl![
    deny(redundant),
    (Allow, Group(Role::Chief), [Can::View, Can::Edit, Can::Share, Can::Submit, Can::Publish, Can::SendBack]),
];

/// Rules about articles that have appeared.
pub(crate) const APPEARED: Acl = acl![(Allow, Everyone, [Can::View]), (Allow, Authenticated, [Can::Comment])];

acl_vocabulary!(Can: NEWSROOM, NEWSROOM_NEXT, ARTICLES, APPEARED);

acl_assert!(NEWSROOM {
    anonymous cannot [Can::Write, Can::Follow, Can::Operate];
    group Role::Chief can Can::Write;
    only group Role::Chief can Can::ManagePeople;
    only group Role::Support can Can::Impersonate;
});

acl_assert!(ARTICLES {
    anonymous cannot Can::View;
    only group Role::Chief can Can::Edit;
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_the_names_of_their_groups() {
        for role in Role::ALL {
            assert_eq!(Group::name(&role), Name::Text(role.as_str()));
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Chief"), None);
    }

    #[test]
    fn permissions_are_found_by_their_names() {
        for can in Can::ALL {
            assert_eq!(Can::parse(&can.name().to_string()).map(|found| found as u8), Some(can as u8));
        }
        assert!(Can::parse("rule the world").is_none());
    }
}
