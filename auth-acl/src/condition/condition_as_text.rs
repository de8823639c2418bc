//! Describes as text what conditions are about, for the access table.

use core::fmt;

use super::ConditionKind;

impl fmt::Display for ConditionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acr(contexts) => listed(f, "the log-in was by ", contexts),
            Self::Custom => f.write_str("the application answers"),
            Self::Daily(from, until) => {
                let [from, until] = [*from, *until].map(|seconds| [seconds / 3_600, seconds / 60 % 60]);
                let [[from, from_minutes], [until, until_minutes]] = [from, until];
                write!(f, "the time is from {from:02}:{from_minutes:02} to {until:02}:{until_minutes:02} UTC")
            }
            Self::MaxAge(seconds) => write!(f, "the log-in is at most {seconds} seconds old"),
            Self::Network(networks) => listed(f, "the client is in ", networks),
            Self::Owner => f.write_str("the user owns the resource"),
            Self::Period(from, until) => {
                write!(f, "the time is from {from} to {until}, in seconds since 1970-01-01 00:00:00 UTC")
            }
            Self::Scope(scope) => write!(f, "the access token has the scope {scope}"),
            Self::Tenant => f.write_str("the user is of the resource's tenant"),
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, what: &str, names: &[&str]) -> fmt::Result {
    for (number, name) in names.iter().enumerate() {
        write!(f, "{}{name}", if number == 0 { what } else { " or " })?;
    }
    Ok(())
}
