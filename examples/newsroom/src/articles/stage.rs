//! States of an article: [`Stage`].

/// How far an article is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// Its authors write
    Draft,
    /// Editors read
    Review,
    /// It may appear, at a time
    Published,
}

impl Stage {
    /// Returns the name in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Review => "review",
            Self::Published => "published",
        }
    }

    /// Returns the stage with this name. One that this version does not know is a draft, which is seen by its
    /// authors only.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "review" => Self::Review,
            "published" => Self::Published,
            _ => Self::Draft,
        }
    }
}
