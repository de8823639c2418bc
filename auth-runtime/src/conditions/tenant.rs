//! Identifies the tenant of a user: [`Tenant`].

use std::fmt;

use auth_acl::__private::OwnedName;

use crate::acl::Name;

/// The tenant that a user belongs to, as text or a number: what [`TENANT`](crate::TENANT) compares with the tenant of a
/// resource.
///
/// Text is compared byte by byte, and is never equal to a number.
#[derive(Clone)]
pub struct Tenant(OwnedName);

impl Tenant {
    pub(crate) fn name(&self) -> Name<'_> {
        self.0.as_name()
    }
}

impl From<&str> for Tenant {
    fn from(name: &str) -> Self {
        Self(OwnedName::new(Name::Text(name)))
    }
}

impl From<String> for Tenant {
    fn from(name: String) -> Self {
        Self::from(name.as_str())
    }
}

impl From<i64> for Tenant {
    fn from(number: i64) -> Self {
        Self(OwnedName::new(Name::Number(number)))
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tenant").field(&self.name()).finish()
    }
}
