//! Logs what was read of overlays, what changed, and failures, and sets their metrics.

use std::{collections::BTreeMap, time::Duration};

use super::OverlayError;
use crate::{
    acl::{ListOverlay, OverlayRule, OverlayRules},
    clock::{Day, UnixTime},
    events::{self, OneLine, TARGET},
};

/// How often a failure that lasts is logged.
const REPEAT: Duration = Duration::from_mins(1);

/// The failure that was logged last, and when.
#[derive(Default)]
pub(super) struct Failures(Option<(String, UnixTime)>);

impl Failures {
    /// Logs a failure that is new or lasts, and forgets it after a success.
    pub(super) fn note(&mut self, error: Option<&OverlayError>, now: UnixTime) {
        #[cfg(feature = "metrics")]
        metrics::gauge!("auth_overlay_failing").set(if error.is_some() { 1.0 } else { 0.0 });
        let Some(error) = error else {
            self.0 = None;
            return;
        };
        let text = error.to_string();
        if self.0.as_ref().is_some_and(|(last, at)| *last == text && now.since(*at) < REPEAT) {
            return;
        }
        events::failed("overlay", error);
        self.0 = Some((text, now));
    }
}

/// Logs the overlays that lists declare.
pub(super) fn declared(overlays: impl Iterator<Item = ListOverlay>) {
    for overlay in overlays {
        let (list, may_widen) = (overlay.name(), overlay.may_widen());
        if may_widen {
            tracing::warn!(target: TARGET, list, may_widen, "overlay declared");
        } else {
            tracing::info!(target: TARGET, list, may_widen, "overlay declared");
        }
    }
}

/// Logs the rules that have come and gone. Returns whether anything has changed, the order of the rules
/// included.
pub(super) fn report(before: &OverlayRules, after: &OverlayRules, now: UnixTime) -> bool {
    let (old, new) = (texts(before), texts(after));
    if old == new {
        return false;
    }
    let (gone, come) = (by_text(before), by_text(after));
    for (text, rule) in &gone {
        if !come.contains_key(text) {
            removed(rule);
        }
    }
    for (text, rule) in &come {
        if !gone.contains_key(text) {
            added(rule);
            if rule
                .until()
                .and_then(|until| until.parse().ok())
                .is_some_and(|until: Day| until < Day::of(now))
            {
                expired(rule);
            }
        }
    }
    #[cfg(feature = "metrics")]
    metrics::gauge!("auth_overlay_rules").set(f64::from(u32::try_from(new.len()).unwrap_or(u32::MAX)));
    true
}

/// Returns everything that a rule says.
fn texts(rules: &OverlayRules) -> Vec<String> {
    rules.rules().iter().map(text).collect()
}

fn by_text(rules: &OverlayRules) -> BTreeMap<String, &OverlayRule> {
    rules.rules().iter().map(|rule| (text(rule), rule)).collect()
}

fn text(rule: &OverlayRule) -> String {
    format!("{rule:?}")
}

macro_rules! about_rules {
    ($($name:ident: $level:ident, $message:literal;)*) => {
        $(
            fn $name(rule: &OverlayRule) {
                tracing::$level!(
                    target: TARGET,
                    list = rule.list(),
                    rule_id = rule.id(),
                    rule = %OneLine(rule),
                    owner = rule.owner().map(|owner| tracing::field::display(OneLine(owner))),
                    until = rule.until(),
                    $message
                );
            }
        )*
    };
}

about_rules! {
    added: info, "overlay rule added";
    expired: warn, "overlay rule expired";
    removed: info, "overlay rule removed";
}
