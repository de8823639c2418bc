//! Combines and splits the results of several policies.

use std::sync::Arc;

use super::FirstOf;
use crate::identity::{ChangeContext, Identified, Identity, presented_credentials::Members};

/// Returns the user and the impersonator of a credential.
fn who(found: &Identified) -> (Option<&Identity>, Option<&Identity>) {
    (found.identity(), found.actor())
}

fn is_presented(found: &Identified) -> bool {
    found.identity().is_some() || found.is_bad_credential() || found.is_contradictory()
}

/// Returns the result of the policy at this index, or an anonymous result if it did not run.
fn part(whole: &Identified, at: usize) -> Identified {
    whole.members().and_then(|members| members.0.get(at)).cloned().unwrap_or_default()
}

/// One policy's part of a change context.
pub(super) struct View {
    carried: Identified,
    current: Identified,
}

impl View {
    pub(super) fn of(context: &ChangeContext<'_>, at: usize) -> Self {
        Self { carried: part(context.identified(), at), current: part(context.current(), at) }
    }

    pub(super) const fn context(&self, now: crate::clock::UnixTime) -> ChangeContext<'_> {
        ChangeContext::new(now, &self.carried).with_current(&self.current)
    }

    pub(super) const fn carried(&self) -> &Identified {
        &self.carried
    }

    pub(super) const fn current(&self) -> &Identified {
        &self.current
    }

    /// Returns whether there is a credential to forget.
    pub(super) fn is_presented(&self) -> bool {
        is_presented(&self.carried) || is_presented(&self.current)
    }
}

impl FirstOf {
    pub(super) fn is_ambient_at(&self, at: usize, found: &Identified) -> bool {
        let ambient = || self.policies.get(at).is_none_or(|policy| policy.is_ambient());
        found.ambient().unwrap_or_else(ambient)
    }

    /// Returns the index of the policy that authenticated the user.
    pub(super) fn finder(whole: &Identified) -> Option<usize> {
        whole.members()?.0.iter().position(|found| found.identity().is_some())
    }

    /// Returns the index of the policy that stores the user's data: the first that stores any, of those that
    /// authenticated the user.
    pub(super) fn keeper(whole: &Identified) -> Option<usize> {
        let keeps = |found: &Identified| found.identity().is_some() && found.data().is_some();
        whole.members()?.0.iter().position(keeps).or_else(|| Self::finder(whole))
    }

    /// Combines the results of all policies.
    pub(super) fn together(&self, found: Vec<Identified>) -> Identified {
        let ambient = |(at, one): (usize, Identified)| {
            let is_ambient = self.is_ambient_at(at, &one);
            if one.identity().is_some() { one.with_ambient(is_ambient) } else { one }
        };
        let found: Vec<_> = found.into_iter().enumerate().map(ambient).collect();
        let mut first: Option<&Identified> = None;
        let (mut bad, mut ambient, mut due, mut contradictory) = (false, true, false, false);
        for (at, one) in found.iter().enumerate() {
            bad |= one.is_bad_credential();
            contradictory |= one.is_contradictory();
            if one.identity().is_none() {
                continue;
            }
            contradictory |= first.is_some_and(|first| who(first) != who(one));
            first = first.or(Some(one));
            ambient &= self.is_ambient_at(at, one);
            due |= one.is_renewal_due();
        }
        let whole = match first {
            _ if contradictory => Identified::contradictory(),
            Some(first) => first.clone().with_ambient(ambient).with_renewal_due(due),
            None => self.anonymous(&found, bad),
        };
        whole.with_members(Arc::new(Members(found)))
    }

    /// Returns an anonymous result, with the data of the policy that log-ins use.
    fn anonymous(&self, found: &[Identified], bad: bool) -> Identified {
        let login = found.get(self.login).cloned().unwrap_or_default();
        if !bad {
            return login;
        }
        match login.data() {
            Some(data) => Identified::bad_credential().with_data(Arc::clone(data)),
            None => Identified::bad_credential(),
        }
    }

    /// Returns a result in which only the policy at this index found a credential.
    pub(super) fn only(&self, at: usize, found: Identified) -> Identified {
        let mut all = vec![Identified::anonymous(); self.policies.len()];
        if let Some(place) = all.get_mut(at) {
            *place = found;
        }
        self.together(all)
    }

    /// Returns the result with some parts replaced.
    pub(super) fn with(&self, whole: &Identified, changed: Vec<(usize, Identified)>) -> Identified {
        let mut all: Vec<Identified> = (0..self.policies.len()).map(|at| part(whole, at)).collect();
        for (at, found) in changed {
            if let Some(place) = all.get_mut(at) {
                *place = found;
            }
        }
        self.together(all)
    }
}
