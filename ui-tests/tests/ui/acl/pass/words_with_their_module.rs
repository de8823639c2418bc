use auth_runtime::{Acl, acl};

const ARTICLES: Acl = acl![
    (auth_runtime::Allow, auth_runtime::Everyone, ["view"]),
    (auth_runtime::Action::Deny, auth_runtime::User("mallory"), auth_runtime::ALL),
];

pub(crate) fn main() {
    assert_eq!(ARTICLES.rules().len(), 2);
}
