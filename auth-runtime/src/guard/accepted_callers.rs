//! Accepts only users or only services, by the option `callers` of a guard: [`Callers`].

use auth_acl::__private::service_name;

/// The kind of caller that a guard accepts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Callers {
    /// Users and services
    Any,
    /// Programs only
    Services,
    /// No programs
    Users,
}

impl Callers {
    /// Returns whether the caller with this id is accepted.
    pub(crate) const fn accept(self, id: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Services => service_name(id).is_some(),
            Self::Users => service_name(id).is_none(),
        }
    }

    /// Returns the value of the option; `None` without it.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Services => Some("services"),
            Self::Users => Some("users"),
        }
    }
}
