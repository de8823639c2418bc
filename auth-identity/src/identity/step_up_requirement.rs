//! Describes what a guard requires of the authentication beyond a user: [`StepUp`].

use std::{borrow::Cow, fmt, time::Duration};

/// What a guard requires of the authentication beyond a user (step-up authentication, RFC 9470).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[must_use]
pub struct StepUp {
    max_age: Option<Duration>,
    acr_values: &'static [&'static str],
}

impl StepUp {
    /// Requires nothing.
    pub const NONE: Self = Self { max_age: None, acr_values: &[] };

    /// Returns what requires nothing.
    pub const fn new() -> Self {
        Self::NONE
    }

    /// Requires an authentication that is at most so long ago, in whole seconds.
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Requires one of these [authentication contexts](super::Acr).
    pub const fn with_acr_values(mut self, values: &'static [&'static str]) -> Self {
        self.acr_values = values;
        self
    }

    /// Returns how long ago the authentication may be.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Returns the accepted authentication contexts; without any, each is accepted.
    #[must_use]
    pub const fn acr_values(&self) -> &'static [&'static str] {
        self.acr_values
    }

    /// Returns whether nothing is required.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.max_age.is_none() && self.acr_values.is_empty()
    }

    /// Returns the requirements of both; its own go first.
    #[doc(hidden)]
    pub const fn or(self, other: Self) -> Self {
        Self {
            max_age: if self.max_age.is_some() { self.max_age } else { other.max_age },
            acr_values: if self.acr_values.is_empty() { other.acr_values } else { self.acr_values },
        }
    }

    /// Returns name and value of each requirement, as an authorization request has them (`OpenID` Connect Core
    /// section 3.1.2.1).
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        let max_age = self.max_age.map(|age| ("max_age", age.as_secs().to_string().into()));
        let acr_values = match self.acr_values {
            [] => None,
            [one] => Some(("acr_values", Cow::Borrowed(*one))),
            several => Some(("acr_values", several.join(" ").into())),
        };
        [max_age, acr_values].into_iter().flatten()
    }
}

impl fmt::Display for StepUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.parameters().enumerate() {
            write!(f, "{}{name}=\"{value}\"", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_written_as_parameters() {
        let recent = StepUp::new().with_max_age(Duration::from_mins(10));
        let strong = StepUp::new().with_acr_values(&["phr", "phrh"]);
        for (step_up, expected) in [
            (StepUp::NONE, ""),
            (recent, "max_age=\"600\""),
            (strong, "acr_values=\"phr phrh\""),
            (recent.or(strong), "max_age=\"600\", acr_values=\"phr phrh\""),
            (strong.or(recent), "max_age=\"600\", acr_values=\"phr phrh\""),
            (StepUp::new().with_acr_values(&["phr"]).or(strong), "acr_values=\"phr\""),
        ] {
            assert_eq!((step_up.to_string().as_str(), step_up.is_none()), (expected, expected.is_empty()));
        }
    }
}
