//! Describes a possible mistake in an access table: [`Finding`] and [`FindingKind`].

use std::fmt;

use crate::{
    access::route_metadata::RouteMetadata,
    acl::{Acl, Rule},
};

/// A possible mistake in the application's access rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    kind: FindingKind,
    file: &'static str,
    line: u32,
    text: String,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A written reason has expired.
    ExpiredReason,
    /// The last day of a rule is over.
    ExpiredRule,
    /// A guard's resource is loaded by a path parameter that the path of the route lacks.
    MissingPathParameter,
    /// A route allows all requests without a written reason.
    MissingReason,
    /// A guard allows all requests.
    NeedlessGuard,
    /// Earlier rules decide the same for all requests that a rule matches.
    RedundantRule,
    /// A guard's shadow would decide some requests differently.
    ShadowDifference,
    /// The guards of a route deny all requests.
    UnreachableRoute,
    /// Rules name a group that has no effect on its members.
    UnusedGroup,
    /// Rules name a permission that no route requires.
    UnusedPermission,
    /// No route requires a permission that a rule decides.
    UnusedRule,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::ExpiredReason,
        Self::ExpiredRule,
        Self::MissingPathParameter,
        Self::MissingReason,
        Self::NeedlessGuard,
        Self::RedundantRule,
        Self::ShadowDifference,
        Self::UnreachableRoute,
        Self::UnusedGroup,
        Self::UnusedPermission,
        Self::UnusedRule,
    ];

    /// Returns the stable identifier, such as `unused-permission`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ExpiredReason => "expired-reason",
            Self::ExpiredRule => "expired-rule",
            Self::MissingPathParameter => "missing-path-parameter",
            Self::MissingReason => "missing-reason",
            Self::NeedlessGuard => "needless-guard",
            Self::RedundantRule => "redundant-rule",
            Self::ShadowDifference => "shadow-difference",
            Self::UnreachableRoute => "unreachable-route",
            Self::UnusedGroup => "unused-group",
            Self::UnusedPermission => "unused-permission",
            Self::UnusedRule => "unused-rule",
        }
    }

    /// Returns the meaning in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ExpiredReason => "The day is over until which a written reason counted.",
            Self::ExpiredRule => "The day is over until which a rule was meant to be there.",
            Self::MissingPathParameter => {
                "The path of a route lacks a parameter that its resource is loaded by."
            }
            Self::MissingReason => "A route lets everybody pass, and nothing says why.",
            Self::NeedlessGuard => "A guard lets everybody pass.",
            Self::RedundantRule => "Earlier rules decide all that a rule decides, in the same way.",
            Self::ShadowDifference => "A guard's shadow would answer some requests otherwise.",
            Self::UnreachableRoute => "No kind of request passes the guards of a route.",
            Self::UnusedGroup => "Rules name a group whose members may do no more and no less for it.",
            Self::UnusedPermission => "Rules name a permission that no route asks for.",
            Self::UnusedRule => "No route asks for anything that a rule decides.",
        }
    }
}

impl Finding {
    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> FindingKind {
        self.kind
    }

    /// Returns the source file of the route or the rule.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line in that file.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns the description.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn of_rule(kind: FindingKind, acl: &Acl, rule: &Rule<'_>, text: String) -> Self {
        Self { kind, file: acl.file(), line: rule.line().unwrap_or_default(), text }
    }

    pub(super) const fn of_route(kind: FindingKind, route: &RouteMetadata, text: String) -> Self {
        Self { kind, file: route.file(), line: route.line(), text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.file, self.line, self.text, self.kind.id())
    }
}
