//! Answers the conditions of rules that the decisions of one request depend on: [`Answers`].

use std::{sync::OnceLock, time::Duration};

use auth_acl::__private::decide_each;
use http::request::Parts;
use tokio::sync::{Mutex, MutexGuard};

use super::{AuthError, credential_facts::Facts};
use crate::{
    acl::{
        Acl, Condition, ConditionAnswer, ConditionKind, Decision, Explanation, Name, OverlayRules,
        ResourceFacts, RowAnswer, Rule,
    },
    conditions::{ConditionQuestion, Tenant},
    config::{Config, incoming},
    guard_probe::Probe,
    identity::Acr,
    telemetry::{LookUp, timed},
};

/// What is known about the conditions of rules.
#[derive(Default)]
pub(super) struct ConditionFacts {
    known: Mutex<Vec<Known>>,
    /// The tenant of the user
    tenant: OnceLock<Result<Option<Tenant>, AuthError>>,
}

/// An answer, and the condition that it is about.
type Known = (Condition, Result<ConditionAnswer, AuthError>);

/// The answers that are known so far. While one decision holds them, another one of the request waits, so each
/// condition is asked at most once.
pub(crate) struct Answers<'f> {
    facts: &'f Facts,
    config: &'f Config,
    parts: &'f Parts,
    /// Held from the first question on
    known: Option<MutexGuard<'f, Vec<Known>>>,
}

impl Facts {
    /// Returns the answers to conditions. The user and the groups are resolved.
    pub(crate) const fn answers<'f>(&'f self, config: &'f Config, parts: &'f Parts) -> Answers<'f> {
        Answers { facts: self, config, parts, known: None }
    }

    /// Decides by rules of which some have conditions.
    pub(crate) async fn decide_by_conditions(
        &self,
        config: &Config,
        parts: &Parts,
        (rules, overlay): (&[Rule<'_>], Option<&OverlayRules>),
        permission: Name<'_>,
    ) -> Result<Decision, AuthError> {
        let principals = self.principals();
        if let Some(probe) = Probe::of(&parts.extensions) {
            return Ok(probe.decide(rules, permission, &principals));
        }
        let mut answers = self.answers(config, parts);
        loop {
            let known = |_: usize, condition: &Condition| answers.of(condition, None);
            match decide_each(rules.iter().copied(), permission, &principals, overlay, known) {
                Ok(decision) => return Ok(decision),
                Err(condition) => answers.ask(condition).await?,
            }
        }
    }
}

impl Facts {
    /// Explains a decision that was made.
    pub(crate) fn explain(
        &self,
        list: &Acl,
        permission: Name<'_>,
        overlay: Option<&OverlayRules>,
    ) -> Explanation {
        let known = self.known_conditions().and_then(|conditions| conditions.known.try_lock().ok());
        list.explain_if(permission, &self.principals(), overlay, |condition| {
            let known = known.as_ref().and_then(|known| known.iter().find(|(known, _)| known == condition));
            known.and_then(|(_, answer)| answer.ok()).unwrap_or(ConditionAnswer::Unknown)
        })
    }
}

impl Answers<'_> {
    /// Returns the answer to a condition; `None` if it is not known yet.
    pub(crate) fn of(
        &self,
        condition: &Condition,
        resource: Option<ResourceFacts<'_>>,
    ) -> Option<ConditionAnswer> {
        match (condition.kind(), resource) {
            (ConditionKind::Owner, Some(ResourceFacts { owner: Some(owner), .. })) => {
                Some(ConditionAnswer::of(self.facts.known_user().is_some_and(|user| user.as_str() == owner)))
            }
            (ConditionKind::Tenant, Some(ResourceFacts { tenant: Some(tenant), .. })) => {
                let own = self.facts.conditions().tenant.get()?.as_ref().ok().and_then(Option::as_ref);
                Some(own.map_or(ConditionAnswer::Unknown, |own| ConditionAnswer::of(own.name() == tenant)))
            }
            (ConditionKind::Owner | ConditionKind::Tenant, _) => Some(ConditionAnswer::Unknown),
            _ => self.known(condition)?.ok(),
        }
    }

    /// Returns what is known about a condition before there is a resource; `None` if it is not known yet.
    pub(crate) fn of_rows(&self, condition: &Condition) -> Option<RowAnswer> {
        if !matches!(condition.kind(), ConditionKind::Tenant) {
            return self.of(condition, None).map(RowAnswer::Every);
        }
        let own = self.facts.conditions().tenant.get()?.as_ref().ok().and_then(Option::as_ref);
        Some(own.map_or(RowAnswer::Every(ConditionAnswer::Unknown), |own| {
            RowAnswer::RowsOf([own.name()].into_iter().collect())
        }))
    }

    fn known(&self, condition: &Condition) -> Option<Result<ConditionAnswer, AuthError>> {
        self.known.as_ref()?.iter().find(|(known, _)| known == condition).map(|(_, answer)| *answer)
    }

    /// Determines the answer to a condition. A failure is an error each time, and is logged once.
    pub(crate) async fn ask(&mut self, condition: Condition) -> Result<(), AuthError> {
        if self.known.is_none() {
            self.known = Some(self.facts.conditions().known.lock().await);
        }
        if matches!(condition.kind(), ConditionKind::Tenant) {
            return self.facts.resolve_tenant(self.config, self.parts).await;
        }
        if let Some(known) = self.known(&condition) {
            return known.map(drop);
        }
        let answer = self.determine(&condition).await;
        if let Some(known) = &mut self.known {
            known.push((condition, answer));
        }
        answer.map(drop)
    }

    async fn determine(&self, condition: &Condition) -> Result<ConditionAnswer, AuthError> {
        let Self { facts, config, parts, .. } = self;
        let now = config.clock.now();
        let unless_unknown =
            |holds: Option<bool>| holds.map_or(ConditionAnswer::Unknown, ConditionAnswer::of);
        Ok(match condition.kind() {
            ConditionKind::Acr(accepted) => {
                let acr = facts.usable()?.acr().map(Acr::as_str);
                unless_unknown(acr.map(|acr| accepted.contains(&acr)))
            }
            ConditionKind::Custom => return self.ask_application(condition).await,
            ConditionKind::Daily(..) | ConditionKind::Period(..) => condition.at(now.as_secs()),
            ConditionKind::MaxAge(seconds) => {
                let is_fresh = facts.is_younger(config, Duration::from_secs(seconds))?;
                unless_unknown(is_fresh)
            }
            ConditionKind::Network(_) => {
                let request = incoming(parts, now);
                let address = config.conditions.address.find(&request);
                address.map_or(ConditionAnswer::Unknown, |address| condition.for_address(address))
            }
            ConditionKind::Scope(scope) => {
                unless_unknown(facts.usable()?.scopes().map(|scopes| scopes.contains(scope)))
            }
            // A kind that this version does not know fails closed.
            _ => ConditionAnswer::Unknown,
        })
    }

    async fn ask_application(&self, condition: &Condition) -> Result<ConditionAnswer, AuthError> {
        let Some(source) = self.config.conditions.source(condition) else {
            let problem = self.config.conditions.problem(condition).unwrap_or_default();
            return Err(AuthError::misconfigured(&problem));
        };
        let question = self.facts.condition_question(self.config, self.parts);
        let holds = timed(LookUp::Conditions, source(question)).await;
        holds.map(ConditionAnswer::of).map_err(|error| AuthError::unavailable("condition", &error))
    }
}

impl Facts {
    /// Asks the application about the user, who has been resolved.
    fn condition_question<'a>(&'a self, config: &Config, parts: &'a Parts) -> ConditionQuestion<'a> {
        let request = incoming(parts, config.clock.now());
        ConditionQuestion::new(self.group_question(self.known_user()), request)
    }

    /// Resolves the tenant of the user.
    async fn resolve_tenant(&self, config: &Config, parts: &Parts) -> Result<(), AuthError> {
        if let Some(found) = self.conditions().tenant.get() {
            return found.as_ref().map(drop).map_err(|error| *error);
        }
        let found = match config.conditions.tenants() {
            None => {
                let problem = config.conditions.problem(&crate::TENANT).unwrap_or_default();
                Err(AuthError::misconfigured(&problem))
            }
            Some(source) => {
                let asked = timed(LookUp::Conditions, source(self.condition_question(config, parts))).await;
                asked.map_err(|error| AuthError::unavailable("tenants", &error))
            }
        };
        let failure = found.as_ref().err().copied();
        let _ = self.conditions().tenant.set(found);
        failure.map_or(Ok(()), Err)
    }
}
