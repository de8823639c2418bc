//! Rules about one article, written once for single articles and for lists: [`rules`] and [`Column`].

use auth_runtime::acl::{
    RowPrincipal::{GroupIn, UserIn},
    RowRule,
};

use crate::roles::{ARTICLES, Can};

/// A column that rules are about, or what is computed of columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Column {
    /// The people who write with the owner
    CoAuthor,
    /// Those people, while the article is a draft
    CoAuthorOfDraft,
    /// The role that works on the article, once it is submitted
    Desk,
    /// The person who began the article
    Owner,
    /// That person, while the article is a draft
    OwnerOfDraft,
}

/// The group in [`Column::Desk`]: that of [`Role::Editor`](crate::Role::Editor).
pub(super) const DESK: &str = "editor";

impl Column {
    /// Returns in SQL whether the column of a row in `articles` compares so.
    pub(super) fn test(self, comparison: &str) -> String {
        let co_author =
            format!("EXISTS (SELECT 1 FROM co_authors WHERE article = articles.id AND person {comparison})");
        match self {
            Self::CoAuthor => co_author,
            Self::CoAuthorOfDraft => format!("stage = 'draft' AND {co_author}"),
            Self::Desk => format!("stage <> 'draft' AND '{DESK}' {comparison}"),
            Self::Owner => format!("owner {comparison}"),
            Self::OwnerOfDraft => format!("stage = 'draft' AND owner {comparison}"),
        }
    }
}

/// Returns the rules of all articles that hold whether they have appeared or not.
pub(crate) fn rules() -> impl Iterator<Item = RowRule<'static, Column>> {
    [
        RowRule::allow(UserIn(Column::Owner), &[Can::View]).with_id("owner"),
        RowRule::allow(UserIn(Column::OwnerOfDraft), &[Can::Edit, Can::Share, Can::Submit])
            .with_id("owner-of-draft"),
        RowRule::allow(UserIn(Column::CoAuthor), &[Can::View]).with_id("co-author"),
        RowRule::allow(UserIn(Column::CoAuthorOfDraft), &[Can::Edit]).with_id("co-author-of-draft"),
        RowRule::allow(GroupIn(Column::Desk), &[Can::View, Can::Edit, Can::Publish, Can::SendBack])
            .with_id("desk"),
    ]
    .into_iter()
    .chain(ARTICLES.iter().map(RowRule::from))
}
