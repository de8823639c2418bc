use auth_runtime::{
    Acl, Permission, Resource, Rule, acl, acl_required, allow_anonymous, auth_required,
    csrf::{CsrfBytes, CsrfForm},
    guards, permission_required, scope_required,
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};

const ARTICLES: Acl = acl![(Allow, Authenticated, ["edit"])];

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

#[derive(serde::Deserialize)]
struct Text {
    text: String,
}

type Form = CsrfForm<Text>;

#[auth_required(csrf_form)]
async fn by_user(CsrfForm(form): CsrfForm<Text>) -> String {
    form.text
}

#[acl_required("edit", ARTICLES, csrf_form, hide)]
async fn by_rules(_form: Form) {}

#[permission_required(Can::Edit, csrf_form)]
async fn by_policy(_form: Form) {}

#[scope_required("edit", csrf_form)]
async fn by_scope(_form: Form) {}

#[allow_anonymous(reason = "users log in here", csrf_form)]
async fn log_in(_form: Form) {}

#[auth_required(csrf_form)]
async fn of_a_library(CsrfBytes(form): CsrfBytes) -> String {
    form.len().to_string()
}

struct Article;

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = StatusCode;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        Ok(Self)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        []
    }
}

#[acl_required("edit", article, csrf_form)]
async fn by_resource(article: Article, _form: Form) {
    let Article = article;
}

struct Pages;

#[guards]
impl Pages {
    #[auth_required(csrf_form)]
    async fn of_an_impl_block(_form: Form) {}
}

pub(crate) fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/user", axum::routing::post(by_user))
        .route("/rules", axum::routing::post(by_rules))
        .route("/policy", axum::routing::post(by_policy))
        .route("/scope", axum::routing::post(by_scope))
        .route("/login", axum::routing::post(log_in))
        .route("/library", axum::routing::post(of_a_library))
        .route("/resource", axum::routing::post(by_resource))
        .route("/impl", axum::routing::post(Pages::of_an_impl_block));
}
