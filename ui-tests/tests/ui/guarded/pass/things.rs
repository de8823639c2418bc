use auth_runtime::{Permission, Resource, Rule, User, acl_required, auth_required, guard::{GuardKind, Permit}, guarded::{Router, get}, permission_required, permit};
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
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User(&self.owner), &["edit"])]
    }
}

#[derive(Clone, Copy, Permission)]
enum Can {
    Publish,
    Edit,
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

#[acl_required("edit", article)]
#[auth_required]
async fn stacked_the_other_way(article: Article) {
    drop(article);
}

#[permission_required(Can::Publish)]
#[acl_required("edit", first)]
#[acl_required("publish", second)]
async fn two_things(first: Article, second: Article) {
    drop((first, second));
}

async fn permitted(_permit: Permit<MayEdit, Article>) {}

pub(crate) fn main() {
    use GuardKind::{AnyUser, ByPolicy, ByResource};

    let routes: Router = Router::new()
        .route("/", get(edit))
        .route("/stacked", get(stacked).post(stacked_the_other_way).put(two_things))
        .route("/permit", get(permitted));
    let kinds = routes.routes().iter().map(|route| route.guards().iter().map(|guard| guard.kind()).collect());
    assert_eq!(
        kinds.collect::<Vec<Vec<_>>>(),
        [
            vec![ByResource],
            vec![AnyUser, ByResource],
            vec![AnyUser, ByResource],
            vec![ByPolicy, ByResource, ByResource],
            vec![ByResource],
        ]
    );
    let contexts =
        routes.routes().iter().map(|route| route.guards().last().and_then(|guard| guard.context()));
    let contexts: Vec<_> = contexts.collect();
    assert_eq!(contexts, [Some("article"), Some("article"), Some("article"), Some("second"), None]);
}
