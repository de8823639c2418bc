//! Records metrics and spans, for operators.
//!
//! Log events are listed in [`events`](crate::events). An audit log that shows changes is in the module `audit`
//! (feature `audit`).
//!
//! # Metrics
//!
//! With the feature `metrics`, for the recorder that the application installs in the `metrics` facade. Every label has
//! a bounded number of values: none is a name of a user, an address, or text of a request.
//!
//! | metric | kind | labels |
//! |---|---|---|
//! | `auth_decisions_total` | counter | `guard` as in log events, `outcome`: `allow` or `deny`, `reason` as in log events |
//! | `auth_logins_total`, `auth_logouts_total` | counter | |
//! | `auth_bad_credentials_total` | counter | |
//! | `auth_throttled_total` | counter | `what`: `log-in`, `credential` or `route` |
//! | `auth_probe_alarms_total` | counter | |
//! | `auth_look_up_seconds` | histogram | `operation`, of look-ups that wait: `identify` (sessions, API keys, passwords), `authorized_userid`, `groups`, `users`, `revocation`, `permits` |
//! | `auth_failures_total` | counter | `operation`: the above, and those of log events `failed` |
//! | `auth_watches` | gauge | |
//! | `auth_watches_ended_total` | counter | `reason` |
//! | `auth_audit_failing`, `auth_audit_lost_total` | gauge, counter | see the module `audit` |
//! | `auth_overlay_decisions_total`, `auth_overlay_rules`, `auth_overlay_failing` | counter, gauges | see the module `overlay` |
//! | `auth_shadow_differences_total` | counter | see [`guard`](crate::guard) |
//! | `auth_revocation_entries` | gauge | `kind`: `credentials` or `users` |
//! | `auth_keys` | gauge | `state` |
//! | `auth_key_rotations_total` | counter | |
//! | `auth_key_verifications_total` | counter | `state`, `result` |
//!
//! # Spans
//!
//! Each request under an [`AuthLayer`](crate::AuthLayer) has a span `request` at INFO with the target `auth`, around its
//! guards and its handler. Its fields are `method`, with `_OTHER` for names that are not standard; and, once a guard has seen the request, `route`, the pattern of the
//! path, and `guard`. Log events of the request are in it. A subscriber without this target costs nothing.
//!
//! # Example
//!
//! ```
//! use auth_runtime::events::TARGET;
//! use tracing_subscriber::{filter::Targets, prelude::*};
//!
//! let logs = tracing_subscriber::fmt::layer().with_filter(Targets::new().with_target(TARGET, tracing::Level::INFO));
//! let subscriber = tracing_subscriber::registry().with(logs);
//! # let _ = subscriber;
//! ```

use http::{Method, request::Parts};
use tracing::Span;
#[cfg(feature = "metrics")]
use {
    arc_swap::ArcSwap,
    metrics::{Key, Label, Metadata},
    std::{
        collections::HashMap,
        sync::LazyLock,
        time::{Duration, Instant},
    },
};

use crate::{answer_future::Answer, guard::Site};

/// A look-up whose time is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LookUp {
    AuthorizedUserid,
    Conditions,
    Groups,
    Identify,
    Permits,
    Revocation,
    Users,
}

/// Waits for a look-up, and measures how long it takes if it does not answer at once.
pub(crate) async fn timed<T>(look_up: LookUp, answer: Answer<'_, T>) -> T {
    let later = match answer {
        Answer::Now(found) => return found,
        Answer::Later(later) => later,
    };
    #[cfg(feature = "metrics")]
    let began = Instant::now();
    let found = later.await;
    #[cfg(feature = "metrics")]
    look_up.record(began.elapsed());
    #[cfg(not(feature = "metrics"))]
    let _ = look_up;
    found
}

#[cfg(feature = "metrics")]
impl LookUp {
    /// Records a time. The labels are constants, so nothing is allocated.
    fn record(self, time: Duration) {
        macro_rules! by_operation {
            ($($look_up:ident: $operation:literal,)*) => {
                match self {
                    $(Self::$look_up => {
                        metrics::histogram!("auth_look_up_seconds", "operation" => $operation).record(time);
                    })*
                }
            };
        }
        by_operation! {
            AuthorizedUserid: "authorized_userid",
            Conditions: "conditions",
            Groups: "groups",
            Identify: "identify",
            Permits: "permits",
            Revocation: "revocation",
            Users: "users",
        }
    }
}

/// The addresses of the texts of a guard's position, its line, the address of a reason, and whether it allowed the
/// request. All of them are constants of the program, so there are as many as it has guards and reasons.
#[cfg(feature = "metrics")]
type Series = ([usize; 3], u32, bool);

/// Counts a decision. The labels are made once for each guard and reason, so later nothing is allocated.
#[cfg(feature = "metrics")]
pub(crate) fn count_decision(site: &Site, reason: &'static str, is_allowed: bool) {
    static KEYS: LazyLock<ArcSwap<HashMap<Series, Key>>> = LazyLock::new(ArcSwap::default);
    let texts = [site.file, site.function, reason].map(|text| text.as_ptr().addr());
    let series = (texts, site.line, is_allowed);
    if let Some(key) = KEYS.load().get(&series) {
        return increment(key);
    }
    let outcome = if is_allowed { "allow" } else { "deny" };
    let labels = vec![
        Label::new("guard", site.to_string()),
        Label::new("outcome", outcome),
        Label::new("reason", reason),
    ];
    let key = Key::from_parts("auth_decisions_total", labels);
    increment(&key);
    KEYS.rcu(|keys| {
        let mut keys = HashMap::clone(keys);
        keys.insert(series, key.clone());
        keys
    });
}

/// Counts a decision by a rule of an overlay. Ids come from a file or a store, so their number is limited.
#[cfg(feature = "metrics")]
pub(crate) fn count_overlay_decision(rule: &crate::acl::OverlayRule) {
    static KEYS: LazyLock<ArcSwap<HashMap<(String, String), Key>>> = LazyLock::new(ArcSwap::default);
    const MOST: usize = 1_000;
    let series = (rule.list().to_owned(), rule.id().to_owned());
    let keys = KEYS.load();
    if let Some(key) = keys.get(&series) {
        return increment(key);
    }
    let is_full = keys.len() >= MOST;
    let id = if is_full { "other".to_owned() } else { series.1.clone() };
    let labels = vec![Label::new("list", series.0.clone()), Label::new("rule", id)];
    let key = Key::from_parts("auth_overlay_decisions_total", labels);
    increment(&key);
    if !is_full {
        KEYS.rcu(|keys| {
            let mut keys = HashMap::clone(keys);
            keys.insert(series.clone(), key.clone());
            keys
        });
    }
}

#[cfg(feature = "metrics")]
fn increment(key: &Key) {
    const METADATA: Metadata<'static> =
        Metadata::new(module_path!(), metrics::Level::INFO, Some(module_path!()));
    metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA).increment(1));
}

/// Begins the span of a request.
pub(crate) fn span(method: &Method) -> Span {
    tracing::info_span!(
        target: crate::events::TARGET,
        "request",
        // Clients can send other names, of any length.
        method = standard_name(method),
        route = tracing::field::Empty,
        guard = tracing::field::Empty,
    )
}

fn standard_name(method: &Method) -> &str {
    match *method {
        Method::CONNECT
        | Method::DELETE
        | Method::GET
        | Method::HEAD
        | Method::OPTIONS
        | Method::PATCH
        | Method::POST
        | Method::PUT
        | Method::TRACE => method.as_str(),
        _ => "_OTHER",
    }
}

/// Records the route and the guard of a request in its span.
pub(crate) fn note_guard(span: &Span, parts: &Parts, site: &Site) {
    if span.is_disabled() {
        return;
    }
    if let Some(path) = parts.extensions.get::<axum::extract::MatchedPath>() {
        span.record("route", path.as_str());
    }
    span.record("guard", tracing::field::display(site));
}
