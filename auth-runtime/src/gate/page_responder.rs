//! Responds with the login page or the main page, by redirect or in place: [`PageResponder`].

use axum::{
    body::{Body, HttpBody},
    response::Response,
    routing::MethodRouter,
};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts};
use tower_service::Service;

use super::gate_decision::Page;
use crate::{
    auth::RequestState,
    cache_control::remove_targeted,
    error_kind::AuthErrorKind,
    identity::StepUp,
    local_path::LocalPath,
    refusal::{self, ContentNegotiation, Lacking, LoginRedirect},
};

/// Where the pages are served.
#[derive(Clone)]
pub(super) struct PageResponder {
    pub(super) login: LoginRedirect,
    pub(super) login_in_place: Option<PageInPlace>,
    pub(super) main: LocalPath,
    pub(super) main_in_place: Option<PageInPlace>,
}

impl PageResponder {
    pub(super) const fn new(login: LocalPath, main: LocalPath) -> Self {
        Self { login: LoginRedirect::new(login, "next"), login_in_place: None, main, main_in_place: None }
    }

    /// Shows a page. `None` if the visitor is at this page already, and the router has it.
    ///
    /// `why` is the reason for which a guard would reject the request.
    pub(super) async fn show(
        &self,
        page: Page,
        why: AuthErrorKind,
        state: &RequestState,
        parts: &Parts,
    ) -> Option<Response> {
        let (path, base) = (refusal::target(parts).path(), &state.config().base_path);
        let response = match (page, &self.login_in_place, &self.main_in_place) {
            (Page::Login, Some(page), _) => {
                let response = page.serve(parts).await;
                if self.login.is_at(path) { response } else { challenging(response, why, state, parts) }
            }
            (Page::Login, None, _) => {
                self.login.redirect(&ContentNegotiation::of(parts).under(base), StepUp::NONE)?
            }
            (Page::Main, _, Some(page)) => page.serve(parts).await,
            (Page::Main, _, None) if self.main.path() == path => return None,
            (Page::Main, _, None) => refusal::see_other(base.address_of(&self.main))?,
        };
        Some(uncached(response, state.config().identity.vary()))
    }
}

/// A page that is served under many paths.
#[derive(Clone)]
pub(super) struct PageInPlace(MethodRouter);

/// Request headers that refer to another page than the one that is served, or to a body that is not passed
/// on.
const OF_ANOTHER_PAGE: [HeaderName; 10] = [
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::RANGE,
    header::TRANSFER_ENCODING,
];

/// Response headers by which a cache could revalidate the page.
const OF_CACHES: [HeaderName; 4] = [header::AGE, header::ETAG, header::EXPIRES, header::LAST_MODIFIED];

impl PageInPlace {
    pub(super) const fn new(page: MethodRouter) -> Self {
        Self(page)
    }

    async fn serve(&self, parts: &Parts) -> Response {
        let mut head = parts.clone();
        for name in OF_ANOTHER_PAGE {
            head.headers.remove(name);
        }
        let answer = self.0.clone().call(Request::from_parts(head, Body::empty()));
        let mut response = match answer.await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        // For HEAD the body is removed, and the length with it unless it is set already: it is not 0.
        if parts.method == Method::HEAD && !response.headers().contains_key(header::CONTENT_LENGTH) {
            *response.body_mut() = Body::from_stream(Body::empty().into_data_stream());
        }
        response
    }
}

/// A page in place of a rejection has an error status: scripts and caches see by it that this is not the
/// requested page.
fn challenging(mut response: Response, why: AuthErrorKind, state: &RequestState, parts: &Parts) -> Response {
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        let refusal = state.config().refusal(why, ContentNegotiation::of(parts), Lacking::default());
        for challenge in refusal.challenges().iter() {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge.clone());
        }
        response.headers_mut().extend(refusal.challenges().headers().clone());
    }
    response
}

/// The next visitor may get another page at this path.
fn uncached(mut response: Response, vary: HeaderValue) -> Response {
    let headers = response.headers_mut();
    remove_targeted(headers);
    for name in OF_CACHES {
        headers.remove(name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if headers.get_all(header::VARY).iter().all(|line| *line != vary) {
        headers.append(header::VARY, vary);
    }
    response
}

/// Sets the length of a response, as routes do and fallbacks do not: the position of the header would
/// distinguish the two.
pub(super) fn measured(mut response: Response) -> Response {
    if !response.headers().contains_key(header::CONTENT_LENGTH)
        && !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        && let Some(length) = response.body().size_hint().exact()
    {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
