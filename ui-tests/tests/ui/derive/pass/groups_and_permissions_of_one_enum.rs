use auth_runtime::{Acl, Group, Permission, acl};

#[derive(Clone, Copy, Group, Permission)]
enum Word {
    #[group(name = "editors")]
    #[permission(name = "edit")]
    Editing,
}

const ARTICLES: Acl = acl![(Allow, Group(Word::Editing), [Word::Editing])];

pub(crate) fn main() {
    assert_eq!(Permission::name(&Word::Editing).to_string(), "edit");
    assert_eq!(Group::name(&Word::Editing).to_string(), "editors");
    assert_eq!(ARTICLES.rules().len(), 1);
}
