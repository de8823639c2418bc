use auth_runtime::acl;

pub(crate) fn main() {
    let articles = acl![(Allow, Everyone, ["view"]), (Deny, Everyone, ALL)];
    assert_eq!(articles.rules().len(), 2);
}
