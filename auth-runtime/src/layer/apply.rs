//! What a response is given on its way out. Forgetting beats remembering, and either beats renewal: a change cancels
//! the renewal, and of two changes the later one stands.

use std::{mem, sync::Arc};

use axum::response::Response;
use http::{
    HeaderMap, HeaderValue,
    header::{self, Entry},
};

use super::{Config, cache_control, recycle};
use crate::{
    auth::{Outcome, RequestState, Rest},
    events,
    identity::{Effects, Identified, Occasion, UserId},
    refusal,
};

/// A credential that is to be renewed, or removed, before the response goes out; the user is for the log.
pub(super) struct Renewal {
    config: Arc<Config>,
    identified: Identified,
    user: Option<UserId>,
    removal: bool,
}

/// Writes on the response what the request's guards and handler read and changed.
pub(super) fn to_response(mut state: Arc<RequestState>, response: &mut Response) -> Option<Renewal> {
    let Some(alone) = Arc::get_mut(&mut state) else {
        return write_outcome(state.config(), state.close(), response);
    };
    let outcome = alone.finish();
    let config = alone.retire();
    let renewal = write_outcome(&config, outcome, response);
    recycle::give_back(state);
    renewal
}

fn write_outcome(config: &Arc<Config>, outcome: Outcome, response: &mut Response) -> Option<Renewal> {
    let Outcome { read, head, rest } = outcome;
    if refusal::is_unnegotiated(response) {
        *response = refusal::renegotiate(config, head.as_deref(), mem::take(response));
    }
    // What hides shows nothing, not even that somebody was known.
    let is_hiding = response.extensions().get::<refusal::Hiding>().is_some();
    if read && !is_hiding {
        add_vary(response.headers_mut(), config.identity.vary());
        cache_control::set_default(response.headers_mut());
    }
    let Rest { change, renewal, removal } = *rest?;
    if let Some(mut effects) = change {
        write(response.headers_mut(), &effects);
        effects.settle();
    }
    if let Some(identified) = removal.filter(|_| !is_hiding) {
        return Some(Renewal { config: Arc::clone(config), identified, user: None, removal: true });
    }
    let (identified, user) = renewal.filter(|_| response.status().is_success())?;
    Some(Renewal { config: Arc::clone(config), identified, user, removal: false })
}

/// Renews the credential; if that fails the response goes out as it is.
pub(super) async fn renewed(renewal: Renewal, mut response: Response) -> Response {
    let Renewal { config, identified, user, removal } = renewal;
    if removal {
        return removed(&config, &identified, response).await;
    }
    // The handler may have taken long, and what was revoked meanwhile is not to come back.
    if let Some(user) = &user
        && !matches!(config.is_revoked(user, &identified).await, Ok(false))
    {
        return response;
    }
    let now = config.clock.now();
    match config.identity.renew(&Occasion::new(now, &identified)).await {
        // A cookie of this name that the handler set itself is the handler's decision.
        Ok(mut effects) if !effects.is_empty() && !sets_cookie_of(response.headers(), &effects) => {
            let renewed = effects.take_identified();
            // At the last moment: what another request has ended or written meanwhile is not undone.
            let order = config.response_order();
            if order.is_some_and(|order| !order.renew(&identified, renewed.as_ref(), now)) {
                events::late_response("renewal");
                return response;
            }
            write(response.headers_mut(), &effects);
            effects.settle();
            events::renewed(user.as_ref());
        }
        Ok(_) => {}
        Err(error) => events::failed("renew", &error),
    }
    response
}

/// Takes a credential away from the client of a user who does not exist.
async fn removed(config: &Config, identified: &Identified, mut response: Response) -> Response {
    match config.identity.forget(&Occasion::new(config.clock.now(), identified)).await {
        Ok(mut effects) => {
            if !sets_cookie_of(response.headers(), &effects) {
                write(response.headers_mut(), &effects);
            }
            effects.settle();
        }
        Err(error) => events::failed("forget", &error),
    }
    response
}

fn write(headers: &mut HeaderMap, effects: &Effects) {
    if effects.is_empty() {
        return;
    }
    for name in effects.cookie_names() {
        remove_cookie(headers, name);
    }
    for (name, value) in effects.headers() {
        headers.append(name, value.clone());
    }
    cache_control::protect_cookie(headers);
}

fn sets_cookie_of(headers: &HeaderMap, effects: &Effects) -> bool {
    effects.cookie_names().any(|name| headers.get_all(header::SET_COOKIE).iter().any(|line| sets(line, name)))
}

fn sets(line: &HeaderValue, name: &str) -> bool {
    line.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

/// Takes away earlier `Set-Cookie` lines of one name, so that the browser is not told two things.
fn remove_cookie(headers: &mut HeaderMap, name: &str) {
    if !headers.get_all(header::SET_COOKIE).iter().any(|line| sets(line, name)) {
        return;
    }
    let others: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().filter(|line| !sets(line, name)).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in others {
        headers.append(header::SET_COOKIE, line);
    }
}

/// Says which request headers the response depends on, as far as it does not say so already.
fn add_vary(headers: &mut HeaderMap, names: HeaderValue) {
    let mut vary = match headers.entry(header::VARY) {
        Entry::Occupied(vary) => vary,
        Entry::Vacant(vary) => {
            vary.insert(names);
            return;
        }
    };
    let is_said = |name: &[u8]| {
        let mut said = vary.iter().flat_map(items);
        said.any(|item| item == b"*" || item.eq_ignore_ascii_case(name))
    };
    let missing: Vec<HeaderValue> = items(&names)
        .filter(|name| !is_said(name))
        .filter_map(|name| HeaderValue::from_bytes(name).ok())
        .collect();
    for name in missing {
        vary.append(name);
    }
}

/// The items of a list (RFC 9110, section 5.6.1).
fn items(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}
