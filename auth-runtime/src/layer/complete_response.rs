//! Completes the response with the changes of the request. A log-out takes precedence over a log-in, and
//! either over a renewal: a change cancels the renewal, and of two changes the later one wins.

use std::{mem, sync::Arc};

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

use crate::{
    auth::{Facts, Outcome, RequestState, Upkeep},
    cache_control,
    config::Config,
    error_kind::AuthErrorKind,
    events,
    identity::{ChangeContext, Effects, Identified},
    refusal,
};

/// Writes the changes of guards and handler to the response. Returns what has to be done with the request's
/// credential before the response is sent.
pub(super) fn to_response(state: &RequestState, response: &mut Response) -> Option<Upkeep> {
    let config = state.config();
    let Outcome { is_read, head, effects, device, csrf, upkeep } = state.close();
    if refusal::is_unnegotiated(response) {
        *response = config.renegotiate(head.as_deref(), mem::take(response));
    }
    // A hidden route must not reveal itself, not even by `Vary`, unless a gate has added it to all of them.
    let marks = response.extensions();
    let is_hiding =
        marks.get::<refusal::Hiding>().is_some() && marks.get::<refusal::WithoutMethods>().is_none();
    if is_read && !is_hiding {
        add_vary(response.headers_mut(), config.identity.vary());
        cache_control::set_default(response.headers_mut());
    }
    if !is_hiding && let Some(found) = state.carried().found() {
        for (name, value) in found.response_headers() {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
    for cookie in [device, csrf].into_iter().flatten() {
        write(response.headers_mut(), &cookie);
    }
    if let Some(mut effects) = effects {
        write(response.headers_mut(), &effects);
        effects.commit();
    }
    upkeep.filter(|upkeep| match upkeep {
        Upkeep::Renew => response.status().is_success(),
        Upkeep::Remove => !is_hiding,
    })
}

/// Renews or removes the request's credential; if that fails the response is sent unchanged.
pub(super) async fn keep_up(state: Arc<RequestState>, upkeep: Upkeep, mut response: Response) -> Response {
    let (config, carried) = (state.config(), state.carried());
    match (carried.found(), upkeep) {
        (Some(found), Upkeep::Renew) => renew(config, found, carried, &mut response).await,
        (Some(found), Upkeep::Remove) => remove(config, found, &mut response).await,
        (None, _) => {}
    }
    response
}

async fn renew(config: &Config, found: &Identified, facts: &Facts, response: &mut Response) {
    // The handler may have taken long, and a credential that was revoked meanwhile must not be renewed.
    for user in [facts.known_user(), facts.actor()].into_iter().flatten() {
        if !matches!(config.is_revoked(user, found).await, Ok(false)) {
            return;
        }
    }
    let now = config.clock.now();
    match config.identity.renew(&ChangeContext::new(now, found)).await {
        // If the handler has set a cookie of this name itself, it takes precedence.
        Ok(mut effects) if !effects.is_empty() && !sets_cookie_of(response.headers(), &effects) => {
            let renewed = effects.take_identified();
            // As late as possible: a renewal must not undo a newer change of another request.
            let order = config.late_response_check();
            if order.is_some_and(|order| !order.renew(found, renewed.as_ref(), now)) {
                events::late_response("renewal");
                return;
            }
            write(response.headers_mut(), &effects);
            effects.commit();
            events::renewed(facts.known_user());
        }
        Ok(_) => {}
        Err(error) => events::failed("renew", &error),
    }
}

/// Removes the credential of a user who does not exist, unless another log-in has replaced it.
async fn remove(config: &Config, found: &Identified, response: &mut Response) {
    match config.identity.forget(&ChangeContext::new(config.clock.now(), found)).await {
        Ok(mut effects) => {
            if config.has_ended(found) {
                events::late_response("removal");
            } else if !sets_cookie_of(response.headers(), &effects) {
                write(response.headers_mut(), &effects);
            }
            effects.commit();
        }
        // The policy has no log-out, and the application did not call for one, so this is not logged as its
        // error.
        Err(error) if error.kind() == AuthErrorKind::Misconfigured => {}
        Err(error) => events::failed("forget", &error),
    }
}

fn write(headers: &mut HeaderMap, effects: &Effects) {
    if effects.is_empty() {
        return;
    }
    // The browser must not receive two cookies of one name.
    if sets_cookie_of(headers, effects) {
        let lines = headers.get_all(header::SET_COOKIE).iter();
        let others: Vec<HeaderValue> = lines.filter(|line| !is_cookie_of(line, effects)).cloned().collect();
        headers.remove(header::SET_COOKIE);
        headers.extend(others.into_iter().map(|line| (header::SET_COOKIE, line)));
    }
    for (name, value) in effects.headers() {
        headers.append(name, value.clone());
    }
    cache_control::protect_cookie(headers);
}

fn sets_cookie_of(headers: &HeaderMap, effects: &Effects) -> bool {
    headers.get_all(header::SET_COOKIE).iter().any(|line| is_cookie_of(line, effects))
}

fn is_cookie_of(line: &HeaderValue, effects: &Effects) -> bool {
    let sets = |name: &str| line.as_bytes().strip_prefix(name.as_bytes());
    effects.cookie_names().any(|name| sets(name).is_some_and(|rest| rest.starts_with(b"=")))
}

/// Adds the request headers that the response depends on to `Vary`, unless they are there already.
fn add_vary(headers: &mut HeaderMap, names: HeaderValue) {
    if !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, names);
        return;
    }
    for name in items(&names) {
        let is_it = |item: &[u8]| item == b"*" || item.eq_ignore_ascii_case(name);
        let is_said = headers.get_all(header::VARY).iter().flat_map(items).any(is_it);
        if !is_said && let Ok(name) = HeaderValue::from_bytes(name) {
            headers.append(header::VARY, name);
        }
    }
}

/// The items of a list (RFC 9110, section 5.6.1).
fn items(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}
