//! Carries what a change of the session has to know of the request's cookies: [`RequestSessionState`].

use std::sync::Arc;

use auth_identity::identity::Identified;

use super::{
    find_session::Secrets, loaded_session::LoadedSession, session_details::SessionDetails,
    session_secret::SessionSecret,
};

/// The request's state that changes need.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestSessionState {
    /// The reason why cookies must not be read or set for this request
    pub(super) obstacle: Option<&'static str>,
    pub(super) label: Option<String>,
    /// The other sessions of the request's cookies, with those cookies
    pub(super) presented: Vec<(Arc<LoadedSession>, SessionSecret)>,
    /// Another request has recently replaced one of these cookies; the new one may have reached the browser
    pub(super) is_replaced: bool,
    /// The values of cookies that were not looked up, because there are too many
    pub(super) unread: Secrets,
}

impl RequestSessionState {
    /// Empty, if the sessions could not be loaded.
    pub(super) fn of(identified: &Identified) -> Option<Arc<Self>> {
        match identified.memo::<SessionDetails>() {
            Some(details) => Some(Arc::clone(&details.on)),
            None => identified.memo::<Self>(),
        }
    }
}
