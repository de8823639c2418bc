//! Defines [`LoginError`], the reasons why log-ins cannot be configured.

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use crate::descriptor::DescriptorError;

/// Why log-ins cannot be configured. Its text names the problem, then the remedy.
#[derive(Clone, Debug)]
pub struct LoginError {
    message: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl LoginError {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), source: None }
    }

    pub(crate) fn because(
        message: impl Into<Cow<'static, str>>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::new(message) }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for LoginError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<DescriptorError> for LoginError {
    fn from(error: DescriptorError) -> Self {
        Self::because(error.to_string(), error)
    }
}

impl From<auth_client::Error> for LoginError {
    fn from(error: auth_client::Error) -> Self {
        Self::because(error.to_string(), error)
    }
}
