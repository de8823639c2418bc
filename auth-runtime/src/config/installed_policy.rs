//! Holds the application's authorization policy, with the permissions that it answers for:
//! [`InstalledPolicy`].

use std::{ops::Deref, sync::Arc};

use auth_acl::__private::Words;

use crate::{acl::Vocabulary, authorization::AuthorizationPolicy};

#[derive(Clone)]
pub(crate) struct InstalledPolicy {
    policy: Arc<dyn AuthorizationPolicy>,
    words: Words,
}

impl InstalledPolicy {
    pub(crate) fn new<P: AuthorizationPolicy>(policy: P) -> Self {
        Self { policy: Arc::new(policy), words: P::Permission::WORDS }
    }

    /// Returns the permissions that the policy answers for.
    pub(crate) const fn words(&self) -> Words {
        self.words
    }
}

impl Deref for InstalledPolicy {
    type Target = dyn AuthorizationPolicy;

    fn deref(&self) -> &Self::Target {
        &*self.policy
    }
}
