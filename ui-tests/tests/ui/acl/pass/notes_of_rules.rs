use auth_runtime::{ALL, Acl, Groups, Principals, Rule, User, acl};

macro_rules! noted {
    ($note:literal) => {
        acl![
            #[doc = $note]
            (Allow, Everyone, ["view"]),
        ]
    };
}

const SITE: Acl = acl![
    /// Banned for spam,
    /// until May.
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    #[doc = "Employees."]
    (Allow, Group("editors"), ["edit"]),
];
const ARTICLES: Acl = acl![..SITE, /** Anyone. */ (Allow, Everyone, ["view"])];
const WRITTEN_BY_A_MACRO: Acl = noted!("Open.");

pub(crate) fn main() {
    let notes = |acl: Acl| acl.rules().iter().map(Rule::note).collect::<Vec<_>>();
    assert_eq!(notes(SITE), [Some("Banned for spam,\nuntil May."), None, Some("Employees.")]);
    assert_eq!(notes(ARTICLES)[3], Some("Anyone."));
    assert_eq!(notes(ARTICLES)[..3], notes(SITE)[..]);
    assert_eq!(notes(WRITTEN_BY_A_MACRO), [Some("Open.")]);
    assert_eq!(Rule::allow(User("alice"), ALL).note(), None);

    let none = Groups::none();
    let explanation = ARTICLES.explain("view", &Principals::user("bob", &none));
    assert_eq!(explanation.steps()[3].note(), Some("Anyone."));
    assert!(explanation.to_string().contains("; note: Anyone."), "{explanation}");
}
