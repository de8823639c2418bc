//! One request of the program's, from its first sending to its last.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::retry::{RetryPolicy, chance, is_idempotent, may_pass};
use crate::{
    Authorizer, Credentials, Error, Origin,
    clock::{Clock, SystemClock},
    retry_after,
};

/// What holds for all requests of a client.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) authorizer: Arc<dyn Authorizer>,
    pub(super) origins: Arc<[Origin]>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: Arc<dyn Clock>,
}

impl Rules {
    pub(super) fn new(authorizer: Arc<dyn Authorizer>, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self {
            authorizer,
            origins: origins.into_iter().collect(),
            retry: RetryPolicy::new(),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// Starts a request, if its caller has not authorized it already.
    pub(super) fn plan(&self, method: &Method, headers: &HeaderMap) -> Plan<'_> {
        Plan {
            rules: self,
            is_idempotent: is_idempotent(method, headers),
            is_callers_own: headers.contains_key(header::AUTHORIZATION),
            credentials: None,
            sent: 0,
            waited: Duration::ZERO,
            is_renewed: false,
        }
    }
}

/// What is spent of one request's budget.
pub(super) struct Plan<'r> {
    rules: &'r Rules,
    is_idempotent: bool,
    /// The caller has set `Authorization`: that is the caller's business, and stays.
    is_callers_own: bool,
    /// What was sent last.
    credentials: Option<Credentials>,
    sent: u32,
    waited: Duration,
    is_renewed: bool,
}

/// What comes after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The answer goes to the program.
    Answer,
    /// The request is sent again after this time.
    Again(Duration),
}

impl Plan<'_> {
    /// Puts credentials into a request, if it goes where they may go.
    pub(super) async fn authorize(
        &mut self,
        url: Option<&Url>,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        self.sent = self.sent.saturating_add(1);
        self.credentials = None;
        let is_ours = url.is_some_and(|url| self.rules.origins.iter().any(|origin| origin.holds(url)));
        if self.is_callers_own || !is_ours {
            return Ok(());
        }
        let authorizer = &self.rules.authorizer;
        let credentials =
            authorizer.authorize().await.map_err(|error| error.of(authorizer.service_name()))?;
        for (name, value) in credentials.headers() {
            // What the caller has set is the caller's business.
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
        self.credentials = Some(credentials);
        Ok(())
    }

    pub(super) async fn after(&mut self, status: StatusCode, headers: &HeaderMap, can_repeat: bool) -> Next {
        if status == StatusCode::UNAUTHORIZED {
            return self.after_refusal(can_repeat).await;
        }
        if !may_pass(status) || !self.is_idempotent {
            return Next::Answer;
        }
        let wait = match retry_after::read(headers, self.rules.clock.now()) {
            Some(named) => named.saturating_add(named.min(Duration::from_secs(4)).mul_f64(chance() / 4.0)),
            None => self.backoff(),
        };
        self.again(wait, can_repeat)
    }

    /// What comes after a failure of the network; the request may have been carried out.
    pub(super) fn after_failure(&mut self, can_repeat: bool) -> Next {
        if self.is_idempotent { self.again(self.backoff(), can_repeat) } else { Next::Answer }
    }

    fn backoff(&self) -> Duration {
        self.rules.retry.backoff(self.sent.saturating_sub(1))
    }

    fn again(&mut self, wait: Duration, can_repeat: bool) -> Next {
        let waited = self.waited.saturating_add(wait);
        if !can_repeat || self.sent >= self.rules.retry.requests || waited > self.rules.retry.patience {
            return Next::Answer;
        }
        self.waited = waited;
        Next::Again(wait)
    }

    /// The service does not take the credentials: others are tried, once.
    async fn after_refusal(&mut self, can_repeat: bool) -> Next {
        let Some(rejected) = self.credentials.take() else { return Next::Answer };
        // Even if this request cannot be sent again, the next ones should fare better.
        let may_change = self.rules.authorizer.reject(&rejected).await;
        if !may_change || self.is_renewed || !can_repeat || self.sent >= self.rules.retry.requests {
            return Next::Answer;
        }
        self.is_renewed = true;
        Next::Again(Duration::ZERO)
    }
}
