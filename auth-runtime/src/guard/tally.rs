//! What the steps of one guard decided, until it is known that they count.
//!
//! A guard that has to wait begins anew, and then decides its first steps once more.

use http::request::Parts;

use super::spec::AclStep;
use crate::acl::Decision;

/// Without the feature `rule-hits` it is nothing.
#[derive(Default)]
pub(super) struct Tally {
    #[cfg(feature = "rule-hits")]
    steps: smallvec::SmallVec<[(&'static AclStep, Decision); 4]>,
}

impl Tally {
    #[cfg_attr(
        not(feature = "rule-hits"),
        expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "nobody counts")
    )]
    pub(super) fn note(&mut self, step: &'static AclStep, decision: Decision) {
        #[cfg(feature = "rule-hits")]
        self.steps.push((step, decision));
        #[cfg(not(feature = "rule-hits"))]
        let _ = (step, decision);
    }

    #[cfg_attr(not(feature = "rule-hits"), expect(clippy::unused_self, reason = "nobody counts"))]
    pub(super) fn count(&self, parts: &Parts) {
        #[cfg(feature = "rule-hits")]
        if !super::shadow::is_probe(parts) {
            for (step, decision) in &self.steps {
                crate::hits::count(step.index.list(), step.permission(), *decision);
            }
        }
        #[cfg(not(feature = "rule-hits"))]
        let _ = parts;
    }
}
