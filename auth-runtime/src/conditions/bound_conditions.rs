//! Binds conditions to the application's functions, and holds the source of addresses: [`BoundConditions`].

use std::sync::Arc;

use super::{ConditionQuestion, Tenant};
use crate::{
    Answer, BoxError,
    acl::{Condition, ConditionKind},
    identity::client_address::ClientAddress,
};

type Source<T> = Arc<dyn for<'a> Fn(ConditionQuestion<'a>) -> Answer<'a, Result<T, BoxError>> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct BoundConditions {
    own: Vec<(Condition, Source<bool>)>,
    tenants: Option<Source<Option<Tenant>>>,
    pub(crate) address: ClientAddress,
}

impl BoundConditions {
    pub(crate) const fn new() -> Self {
        Self { own: Vec::new(), tenants: None, address: ClientAddress::peer() }
    }

    /// Binds a condition of the application.
    ///
    /// # Panics
    ///
    /// Panics if it is not one, or is bound already.
    #[track_caller]
    pub(crate) fn bind(&mut self, condition: Condition, source: Source<bool>) {
        assert!(
            matches!(condition.kind(), ConditionKind::Custom),
            "the condition `{condition}` is answered by the layer; declare one by `Condition::custom` to answer it"
        );
        assert!(
            self.source(&condition).is_none(),
            "the condition `{condition}` is bound twice; remove one `with_condition`"
        );
        self.own.push((condition, source));
    }

    pub(crate) fn bind_tenants(&mut self, source: Source<Option<Tenant>>) {
        self.tenants = Some(source);
    }

    /// Returns the function of a condition of the application.
    pub(crate) fn source(&self, condition: &Condition) -> Option<&Source<bool>> {
        self.own.iter().find(|(own, _)| own == condition).map(|(_, source)| source)
    }

    pub(crate) const fn tenants(&self) -> Option<&Source<Option<Tenant>>> {
        self.tenants.as_ref()
    }

    /// Returns what to write if the layer cannot answer a condition.
    pub(crate) fn problem(&self, condition: &Condition) -> Option<String> {
        match condition.kind() {
            ConditionKind::Custom if self.source(condition).is_none() => Some(format!(
                "a rule depends on the condition `{condition}`, which nothing answers; add \
                 `AuthLayer::with_condition` with it and a function"
            )),
            ConditionKind::Tenant if self.tenants.is_none() => Some(
                "a rule depends on the tenant of the user, which nothing tells; add `AuthLayer::with_tenants`".to_owned(),
            ),
            _ => None,
        }
    }
}
