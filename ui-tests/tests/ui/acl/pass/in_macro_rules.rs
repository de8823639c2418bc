use auth_runtime::{Acl, acl};

macro_rules! list {
    ($name:ident: $permission:literal, $group:expr, $word:ident, $path:path, $row:tt) => {
        const $name: Acl = acl![
            (Allow, Group($group), [$permission]),
            ($word, Everyone, ["view"]),
            (Deny, $path, ["comment"]),
            $row,
        ];
    };
}

macro_rules! rows {
    ($name:ident: $($row:expr),*) => {
        const $name: Acl = acl![$($row),*];
    };
}

list!(ARTICLES: "edit", "editors", Allow, Authenticated, (Deny, User("mallory"), ["edit"]));
rows!(COMMENTS: (Allow, Everyone, ["view"]), (Deny, User("mallory"), ALL));

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 4);
    assert_eq!(COMMENTS.rules().len(), 2);
}
