//! Reports the outcome of `AccessTable::verify`: [`Verified`], or each [`Mismatch`].

use std::fmt;

use http::StatusCode;

use super::{Access, CallerKind};

/// The result of [`AccessTable::verify`](super::AccessTable::verify) without a mismatch.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// The number of cells that the router confirmed
    pub confirmed: usize,
    /// The number of cells that could not be verified: a policy or a resource decides, the route has no
    /// guard, or no path leads to it
    pub left_out: usize,
}

/// A route whose behavior differs from the table.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub(crate) route: String,
    pub(crate) caller: CallerKind,
    pub(crate) expected: Access,
    pub(crate) found: Observed,
}

/// The behavior of the router.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Observed {
    /// The path lacks this parameter, by which the resource of a guard is loaded; no request was sent.
    MissingPathParameter(&'static str),
    /// Something other than a guard responded with this status. 404 also stands for the router's fallback.
    NoGuard(StatusCode),
    /// Only calling the handler could tell: the route has no guard, or one that loads a resource.
    NotAsked,
    /// The guards allowed the request.
    Passed,
    /// A guard denied the request with this status.
    Refused(StatusCode),
}

impl Mismatch {
    /// Returns the route, such as `GET /articles/{id}`. If only some of its methods differ, the first of
    /// these is named.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the kind of request.
    #[must_use]
    pub const fn caller(&self) -> CallerKind {
        self.caller
    }

    /// Returns the decision of the table.
    #[must_use]
    pub const fn expected(&self) -> Access {
        self.expected
    }

    /// Returns the behavior of the router.
    #[must_use]
    pub const fn found(&self) -> Observed {
        self.found
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}: the table says ", self.route, self.caller)?;
        match self.expected {
            Access::Refused(status) => write!(f, "{}", status.as_u16())?,
            Access::DependsOnConditions(on) => write!(f, "{on}")?,
            Access::DependsOnResource(name) => write!(f, "`{name}`")?,
            _ => f.write_str("yes")?,
        }
        match self.found {
            Observed::MissingPathParameter(name) => {
                write!(f, ", which is loaded by the path parameter `{{{name}}}`, but the path lacks it")
            }
            Observed::NoGuard(status) => {
                write!(f, ", but no guard answered; something else did, with {}", status.as_u16())
            }
            Observed::NotAsked => f.write_str(", but no guard answers for what is there"),
            Observed::Passed => f.write_str(", but the request got through"),
            Observed::Refused(status) => write!(f, ", but a guard answered {}", status.as_u16()),
        }
    }
}
