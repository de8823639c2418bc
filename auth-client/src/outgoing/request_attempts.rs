//! Tracks the attempts of one request, from the first to the last: [`RequestAttempts`].

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::retry_policy::{RetryPolicy, chance, is_idempotent, may_pass};
use crate::{
    Authorizer, Credentials, Error, Origin,
    clock::{Clock, SystemClock},
    dpop::DPOP,
    retry_after,
};

/// Settings for all requests of a client.
#[derive(Clone, Debug)]
pub(super) struct ClientSettings {
    pub(super) authorizer: Arc<dyn Authorizer>,
    pub(super) origins: Arc<[Origin]>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: Arc<dyn Clock>,
}

impl ClientSettings {
    pub(super) fn new(authorizer: Arc<dyn Authorizer>, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self {
            authorizer,
            origins: origins.into_iter().collect(),
            retry: RetryPolicy::new(),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// Starts a request. If the caller has set `Authorization`, it stays.
    pub(super) fn attempts(&self, method: &Method, headers: &HeaderMap) -> RequestAttempts<'_> {
        RequestAttempts {
            settings: self,
            method: method.clone(),
            url: None,
            is_idempotent: is_idempotent(method, headers),
            is_callers_own: headers.contains_key(header::AUTHORIZATION),
            credentials: None,
            sent: 0,
            waited: Duration::ZERO,
            is_renewed: false,
            nonce_demands: 0,
        }
    }
}

/// The attempts of one request, and the retry budget that they use.
pub(super) struct RequestAttempts<'r> {
    settings: &'r ClientSettings,
    method: Method,
    /// The address of the last attempt.
    url: Option<Url>,
    is_idempotent: bool,
    /// The caller has set `Authorization`; it is kept.
    is_callers_own: bool,
    /// The credentials of the last attempt.
    credentials: Option<Credentials>,
    sent: u32,
    waited: Duration,
    is_renewed: bool,
    /// How often the service has demanded a nonce in the proof of the client's key.
    nonce_demands: u32,
}

/// The step after a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Return the response to the caller.
    Return,
    /// Send the request again after this time.
    Again(Duration),
}

impl RequestAttempts<'_> {
    /// Adds credentials to a request, if its origin may get them.
    pub(super) async fn authorize(
        &mut self,
        url: Option<&Url>,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        self.sent = self.sent.saturating_add(1);
        self.credentials = None;
        self.url = url.cloned();
        let is_ours = url.is_some_and(|url| self.settings.origins.iter().any(|origin| origin.holds(url)));
        if self.is_callers_own || !is_ours {
            return Ok(());
        }
        let authorizer = &self.settings.authorizer;
        let credentials =
            authorizer.authorize().await.map_err(|error| error.of(authorizer.service_name()))?;
        for (name, value) in credentials.headers() {
            // Never overwrite a header of the caller.
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
        if let Some(url) = url
            && let Some(proof) = credentials.proof(&self.method, url)?
        {
            headers.insert(DPOP, proof);
        }
        self.credentials = Some(credentials);
        Ok(())
    }

    pub(super) async fn after(&mut self, status: StatusCode, headers: &HeaderMap, can_repeat: bool) -> Next {
        let has_nonce = self.note_nonce(headers);
        if status == StatusCode::UNAUTHORIZED {
            if has_nonce && demands_nonce(headers) && self.nonce_demands == 0 {
                self.nonce_demands = 1;
                return self.again(Duration::ZERO, can_repeat);
            }
            return self.after_unauthorized(can_repeat).await;
        }
        if !may_pass(status) || !self.is_idempotent {
            return Next::Return;
        }
        let wait = match retry_after::read(headers, self.settings.clock.now()) {
            Some(named) => named.saturating_add(named.min(Duration::from_secs(4)).mul_f64(chance() / 4.0)),
            None => self.backoff(),
        };
        self.again(wait, can_repeat)
    }

    /// Keeps the nonce of a response, for the next proof of the client's key. Returns whether it is a new one.
    fn note_nonce(&self, headers: &HeaderMap) -> bool {
        let sent = self.credentials.as_ref().zip(self.url.as_ref());
        sent.is_some_and(|(credentials, url)| credentials.note_nonce(url, headers))
    }

    /// Returns the step after a network error; the request may have been executed.
    pub(super) fn after_failure(&mut self, can_repeat: bool) -> Next {
        if self.is_idempotent { self.again(self.backoff(), can_repeat) } else { Next::Return }
    }

    fn backoff(&self) -> Duration {
        self.settings.retry.backoff(self.sent.saturating_sub(1))
    }

    fn again(&mut self, wait: Duration, can_repeat: bool) -> Next {
        let waited = self.waited.saturating_add(wait);
        if !can_repeat || self.sent >= self.settings.retry.requests || waited > self.settings.retry.max_wait {
            return Next::Return;
        }
        self.waited = waited;
        Next::Again(wait)
    }

    /// Handles a 401: retries once with other credentials.
    async fn after_unauthorized(&mut self, can_repeat: bool) -> Next {
        let Some(rejected) = self.credentials.take() else { return Next::Return };
        // Reject the credentials even if this request cannot be repeated, so that the next one gets new ones.
        let may_change = self.settings.authorizer.reject(&rejected).await;
        if !may_change || self.is_renewed || !can_repeat || self.sent >= self.settings.retry.requests {
            return Next::Return;
        }
        self.is_renewed = true;
        Next::Again(Duration::ZERO)
    }
}

/// Returns whether a 401 demands a nonce in the proof of the client's key (RFC 9449, section 9); the token may be valid.
fn demands_nonce(headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    challenges.filter_map(|challenge| challenge.to_str().ok()).any(|text| text.contains("\"use_dpop_nonce\""))
}
