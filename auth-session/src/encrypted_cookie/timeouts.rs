//! Applies idle and absolute timeouts to encrypted sessions, and renews their cookies: [`Timeouts`].

use std::time::Duration;

use auth_identity::__private::MAX_AGE;

use super::cookie_content::CookieContent;
use auth_identity::clock::UnixTime;

#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) write_back: Option<Duration>,
    pub(super) skew: Duration,
    /// How long the ring's keys decrypt
    longest: Duration,
}

impl Default for Timeouts {
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

impl Timeouts {
    /// The default, limited to how long the keys decrypt.
    pub(super) fn within(kept: Option<Duration>) -> Self {
        Self { longest: kept.unwrap_or(MAX_AGE).min(MAX_AGE), ..Self::default() }
    }

    /// Returns the idle timeout of this session.
    fn idle_of(&self, content: &CookieContent) -> Duration {
        content.own_idle.unwrap_or(self.idle).min(self.longest)
    }

    /// Returns when the session ends at the latest.
    pub(super) fn end(&self, content: &CookieContent) -> UnixTime {
        let end = content.since.plus(self.absolute);
        let login = content.user.as_ref().and_then(|user| user.login.as_ref());
        login.and_then(|login| login.ends).map_or(end, |ends| end.min(ends))
    }

    /// Returns when the session ends without another request.
    pub(super) fn expiry(&self, content: &CookieContent) -> UnixTime {
        content.written.plus(self.idle_of(content)).min(self.end(content))
    }

    /// Returns when the session and all copies of its cookie have expired: another instance may have written
    /// one just now, and its clock may be ahead.
    pub(super) fn end_of_copies(&self, content: &CookieContent, now: UnixTime) -> UnixTime {
        let latest = content.written.max(now).plus(self.skew);
        latest.plus(self.idle_of(content)).min(self.end(content))
    }

    pub(super) fn is_valid(&self, content: &CookieContent, now: UnixTime) -> bool {
        content.written.max(content.since) <= now.plus(self.skew) && now < self.expiry(content)
    }

    pub(super) fn is_due(&self, content: &CookieContent, now: UnixTime) -> bool {
        let idle = self.idle_of(content);
        let after = self.write_back.unwrap_or(Duration::from_secs(idle.as_secs() / 10));
        // A session that lives until the absolute timeout need not be renewed.
        let is_at_limit = content.written.plus(idle) >= self.end(content);
        !is_at_limit && after < idle && now > content.written && now.since(content.written) >= after
    }
}
