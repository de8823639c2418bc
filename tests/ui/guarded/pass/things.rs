use auth_runtime::{
    Resource, Rule, User, acl_required, auth_required,
    guard::{GuardKind, Permit},
    guarded::{Router, get},
    permit,
};
use axum::{extract::FromRequestParts, http::request::Parts};

struct Article {
    owner: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self { owner: "alice".to_owned() })
    }
}

impl Resource for Article {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User(&self.owner), &["edit"])]
    }
}

permit! {
    struct MayEdit = "edit";
}

#[acl_required("edit", article)]
async fn edit(article: Article) {
    drop(article);
}

#[auth_required]
#[acl_required("edit", article)]
async fn stacked(article: Article) {
    drop(article);
}

async fn permitted(_permit: Permit<MayEdit, Article>) {}

pub(crate) fn main() {
    let routes: Router =
        Router::new().route("/", get(edit)).route("/stacked", get(stacked)).route("/permit", get(permitted));
    let [edit, stacked, permit] = routes.routes() else { panic!("{routes:?}") };
    assert_eq!(edit.guards()[0].kind(), GuardKind::Resource);
    assert_eq!(edit.guards()[0].context(), Some("article"));
    assert_eq!(permit.guards()[0].context(), None);
    assert_eq!(stacked.guards()[0].kind(), GuardKind::Auth);
}
