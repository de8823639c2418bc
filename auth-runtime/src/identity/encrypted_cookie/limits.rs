//! How long sessions live, and when their cookies are written anew.

use std::time::Duration;

use super::content::Content;
use crate::{clock::UnixTime, identity::cookie::MAX_AGE};

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) write_back: Option<Duration>,
    pub(super) skew: Duration,
    /// The longest that the ring's keys decrypt what they encrypted
    longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(8),
            absolute: Duration::from_hours(7 * 24),
            write_back: None,
            skew: Duration::from_mins(1),
            longest: MAX_AGE,
        }
    }
}

impl Limits {
    /// The default, for keys that are kept so long after they encrypted.
    pub(super) fn within(kept: Option<Duration>) -> Self {
        Self { longest: kept.unwrap_or(MAX_AGE).min(MAX_AGE), ..Self::default() }
    }

    /// How long this session lives without requests.
    fn idle_of(&self, content: &Content) -> Duration {
        content.own_idle.unwrap_or(self.idle).min(self.longest)
    }

    fn end(&self, content: &Content) -> UnixTime {
        content.since.plus(self.absolute)
    }

    /// When it ends unless another request comes.
    pub(super) fn expiry(&self, content: &Content) -> UnixTime {
        content.written.plus(self.idle_of(content)).min(self.end(content))
    }

    /// When the session, as each copy of its cookie that was written by now, has ended: another instance may have written
    /// one just now, and its clock may be ahead.
    pub(super) fn end_of_copies(&self, content: &Content, now: UnixTime) -> UnixTime {
        let latest = content.written.max(now).plus(self.skew);
        latest.plus(self.idle_of(content)).min(self.end(content))
    }

    pub(super) fn is_valid(&self, content: &Content, now: UnixTime) -> bool {
        content.written.max(content.since) <= now.plus(self.skew) && now < self.expiry(content)
    }

    pub(super) fn is_due(&self, content: &Content, now: UnixTime) -> bool {
        let idle = self.idle_of(content);
        let after = self.write_back.unwrap_or(Duration::from_secs(idle.as_secs() / 10));
        // Whatever lives up to the absolute limit has nothing to gain.
        let is_at_limit = content.written.plus(idle) >= self.end(content);
        !is_at_limit && after < idle && now > content.written && now.since(content.written) >= after
    }
}
