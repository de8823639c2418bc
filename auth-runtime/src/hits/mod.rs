//! Counts how often each rule decided, which rules a test run covers, and which grants are unused.
//!
//! With the feature `rule-hits`, every decision by a constant list is counted: those of guards by a list,
//! attributes and layers alike, and those of [`Auth::permits`](crate::Auth::permits), `decide` and
//! `check_permission`. The computation of the access table, the requests of its `verify`, the decisions of
//! shadow lists and explanations are not counted. Without the feature it costs nothing.
//!
//! A rule is identified by its file, its line and its text. A rule that several lists share, by `..OTHER`, is
//! counted once. Questions to `Auth` about rules made at run time are not counted, nor are the rules of a
//! [`Resource`](crate::Resource); a denial without a matching rule is counted for guards only, because an
//! iterator of rules has no name.
//!
//! ```
//! use auth_runtime::{acl, hits, Acl};
//!
//! const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
//!
//! let hits = hits::snapshot();
//! println!("{}", hits.of(&ARTICLES));
//! # assert_eq!(hits.of(&ARTICLES).never_hit().count(), 2);
//! ```
//!
//! # Coverage of a test run
//!
//! `cargo test` runs each test file, and other runners each test, in a process of its own. If the environment
//! variable [`FOLDER_VARIABLE`] names a folder, every process writes its hits there;
//! [`assert_rules_covered!`](crate::assert_rules_covered) then reads all of them:
//!
//! ```text
//! rm -rf target/rule-hits
//! AUTH_RULE_HITS=$PWD/target/rule-hits cargo test
//! AUTH_RULE_HITS=$PWD/target/rule-hits cargo test --test rule_coverage -- --ignored
//! ```
//!
//! # Security
//!
//! Counts contain no user ids, but do contain the permissions that `Auth::permits` is asked for. At most
//! 16,384 different questions are counted separately; further ones are counted without the permission's name.

mod acl_hits;
mod hit_files;
#[cfg(feature = "access-reports")]
mod hits_as_json;
mod hits_report;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    hash::{BuildHasher as _, RandomState},
    sync::{
        LazyLock, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

pub use acl_hits::{ListHits, RuleHits, UnusedGrant};
pub use hit_files::{FOLDER_VARIABLE, covered};
pub use hits_report::{Hit, Hits, ShadowHits};

use crate::acl::{Acl, Decision, Name, Rule};

/// How many different questions are counted separately.
const MOST: usize = 16_384;

static COUNTS: LazyLock<Counts> = LazyLock::new(Counts::default);

#[derive(Default)]
struct Counts {
    hasher: RandomState,
    entries: RwLock<HashMap<u64, Entry>>,
    differences: Mutex<BTreeMap<DifferenceKey, [u64; 2]>>,
}

/// Guard, permission, context and shadow.
type DifferenceKey = [String; 4];

struct Entry {
    /// Its own count is ignored.
    hit: Hit,
    count: AtomicU64,
}

impl Counts {
    fn count(&self, rule: Option<&Rule<'_>>, list: Option<&Acl>, permission: Name<'_>, allowed: bool) {
        let Some((file, line)) = place(rule, list) else { return };
        let principal = rule.map(|rule| (rule.action(), rule.principal()));
        let key = self.hasher.hash_one((file, line, principal, permission, allowed));
        if self.add(key) {
            return;
        }
        let hit = Hit {
            file: file.to_owned(),
            line,
            rule: rule.map(ToString::to_string),
            permission: permission.to_string(),
            allowed,
            count: 0,
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let (key, hit) = if entries.len() < MOST {
            (key, hit)
        } else {
            let key = self.hasher.hash_one((file, line, principal, allowed));
            (key, Hit { permission: String::new(), ..hit })
        };
        let entry = entries.entry(key).or_insert_with(|| {
            hit_files::note(&hit);
            Entry { hit, count: AtomicU64::new(0) }
        });
        entry.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a question that was counted before.
    fn add(&self, key: u64) -> bool {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(&key).map(|entry| entry.count.fetch_add(1, Ordering::Relaxed)).is_some()
    }
}

/// The source position of a rule, or the list in which none matched. Rules made at run time have none.
fn place(rule: Option<&Rule<'_>>, list: Option<&Acl>) -> Option<(&'static str, u32)> {
    match (rule, list) {
        (Some(rule), _) => Some((rule.file(), rule.line()?)),
        (None, Some(list)) => Some((list.file(), list.rules().first()?.line()?)),
        (None, None) => None,
    }
}

/// Counts a decision by a list; that of a blocked user is not one.
pub(crate) fn count(list: &Acl, permission: Name<'_>, decision: Decision) {
    match (decision, decision.rule()) {
        (_, Some(at)) => {
            COUNTS.count(list.rules().get(at), Some(list), permission, decision.is_allow());
        }
        (Decision::Deny(crate::acl::Denial::NoRule), None) => {
            COUNTS.count(None, Some(list), permission, false);
        }
        _ => {}
    }
}

/// Counts the rule that decided, if it belongs to a constant list.
pub(crate) fn count_rule(rule: &Rule<'_>, permission: Name<'_>, decision: Decision) {
    COUNTS.count(Some(rule), None, permission, decision.is_allow());
}

/// Counts a decision that differs from the shadow list's.
pub(crate) fn count_difference(
    guard: &dyn fmt::Display,
    permission: &str,
    context: &str,
    shadow: &str,
    wider: bool,
) {
    let key = [guard.to_string(), permission.to_owned(), context.to_owned(), shadow.to_owned()];
    let mut differences = COUNTS.differences.lock().unwrap_or_else(PoisonError::into_inner);
    let [widened, narrowed] = differences.entry(key).or_default();
    let count = if wider { widened } else { narrowed };
    *count = count.saturating_add(1);
}

/// Returns the counts of this process so far.
#[must_use]
pub fn snapshot() -> Hits {
    let entries = COUNTS.entries.read().unwrap_or_else(PoisonError::into_inner);
    let hits = entries
        .values()
        .map(|entry| Hit { count: entry.count.load(Ordering::Relaxed), ..entry.hit.clone() })
        .filter(|hit| hit.count > 0)
        .collect();
    drop(entries);
    let differences = COUNTS.differences.lock().unwrap_or_else(PoisonError::into_inner);
    let shadows =
        differences.iter().map(|([guard, permission, context, shadow], [wider, narrower])| ShadowHits {
            guard: guard.clone(),
            permission: permission.clone(),
            context: context.clone(),
            shadow: shadow.clone(),
            wider: *wider,
            narrower: *narrower,
        });
    Hits::new(hits, shadows.collect())
}

/// Resets the counts. Files for the coverage of a test run are kept.
pub fn reset() {
    let entries = COUNTS.entries.read().unwrap_or_else(PoisonError::into_inner);
    for entry in entries.values() {
        entry.count.store(0, Ordering::Relaxed);
    }
    drop(entries);
    COUNTS.differences.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Fails if a rule of a list has decided nothing, in this process and in those that wrote their hits to the
/// folder of [`FOLDER_VARIABLE`].
///
/// # Example
///
/// ```should_panic
/// use auth_runtime::{acl, assert_rules_covered, Acl};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"])];
/// assert_rules_covered!(ARTICLES); // no test has asked
/// ```
///
/// # Panics
///
/// Panics with the rules that were not hit, and if the folder cannot be read.
#[macro_export]
macro_rules! assert_rules_covered {
    ($acl:expr $(,)?) => {
        $crate::hits::assert_covered(::core::stringify!($acl), &$acl)
    };
}

#[doc(hidden)]
#[track_caller]
#[expect(clippy::panic, reason = "an assertion of a test")]
pub fn assert_covered(name: &str, list: &Acl) {
    let hits = match covered() {
        Ok(hits) => hits,
        Err(error) => panic!("the folder of {FOLDER_VARIABLE} cannot be read: {error}"),
    };
    let of = hits.of(list);
    let missing: Vec<String> = of.never_hit().map(|rule| format!("\n  {rule}")).collect();
    assert!(missing.is_empty(), "no test reaches these rules of `{name}`:{}", missing.concat());
}
