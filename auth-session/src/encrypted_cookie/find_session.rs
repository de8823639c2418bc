//! Finds the encrypted session among the cookies of a request, and decrypts it.

use std::sync::Arc;

use auth_identity::__private::{MAX_CANDIDATES, MAX_READ, loopback, presented::Several};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{EncryptedCookie, VERSION, cookie_content::CookieContent};
use auth_identity::{
    clock::UnixTime,
    identity::{Identified, Incoming, cookie::CookieValues},
};

/// Longer texts are rejected before they are decoded; browsers do not store longer cookies.
const MAX_TEXT: usize = 4096;

/// For a request without a session and a cookie without `Secure`: the reason why none may begin, if there is
/// one.
pub(super) struct Insecure {
    pub(super) obstacle: Option<&'static str>,
}

impl EncryptedCookie {
    pub(super) fn find(&self, request: &Incoming<'_>) -> Identified {
        let obstacle = if self.cookie.is_secure() { None } else { loopback::obstacle(request) };
        let mut best: Option<CookieContent> = None;
        let mut others: Vec<CookieContent> = Vec::new();
        let (mut candidates, mut is_contradictory): (usize, bool) = (0, false);
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            candidates = candidates.saturating_add(1);
            if obstacle.is_some() {
                return self.anonymous(true, obstacle);
            }
            // Browsers do not send so many cookies; do not spend work on them (denial of service).
            if candidates > MAX_READ {
                break;
            }
            let Some(content) = self.open(value.as_bytes(), request.now()) else { continue };
            best = Some(match best {
                None => content,
                Some(other) => {
                    let are_users = other.who().is_some() && content.who().is_some();
                    is_contradictory |= are_users && other.who() != content.who();
                    // Prefer a session with a user, and then the newest one.
                    let is_less = rank(&other) >= rank(&content);
                    let (better, worse) = if is_less { (other, content) } else { (content, other) };
                    others.push(worse);
                    better
                }
            });
        }
        if candidates <= 1 {
            let found = best.map(|content| self.found(content, request.now()));
            return found.unwrap_or_else(|| self.anonymous(candidates > 0, obstacle));
        }
        let found = |content| self.found(content, request.now());
        let best = best.map(found);
        let mut others: Vec<Identified> = others.into_iter().map(found).collect();
        let users = others.iter().chain(&best).filter(|found| found.identity().is_some()).count();
        let valid = u8::try_from(users).unwrap_or(u8::MAX);
        let several = Several { valid, is_unread: candidates > MAX_READ, is_import: false };
        if candidates <= MAX_CANDIDATES && !is_contradictory {
            let found = best.unwrap_or_else(|| self.anonymous(true, obstacle));
            return found.with_several(several, others);
        }
        others.extend(best);
        let is_many = candidates > MAX_CANDIDATES;
        let result = if is_many { self.anonymous(true, obstacle) } else { Identified::contradictory() };
        result.with_several(several, others)
    }

    fn anonymous(&self, presented: bool, obstacle: Option<&'static str>) -> Identified {
        let result = if presented { Identified::bad_credential() } else { Identified::anonymous() };
        if self.cookie.is_secure() { result } else { result.with_memo(Arc::new(Insecure { obstacle })) }
    }

    fn open(&self, text: &[u8], now: UnixTime) -> Option<CookieContent> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let ([version], sealed) = bytes.split_first_chunk()?;
        if *version != VERSION {
            return None;
        }
        let content = CookieContent::decode(&self.keys.open(now, sealed)?)?;
        self.limits.is_valid(&content, now).then_some(content)
    }
}

const fn rank(content: &CookieContent) -> (bool, u64, u64) {
    (content.user.is_some(), content.written.as_secs(), content.revision)
}
