//! One-time links: [`Links`].
//!
//! A link carries what it is for, encrypted and authenticated with a key of the newsroom, and good for an
//! hour. It has the revision of its person, or the address of a new one; using it changes the revision or
//! takes the address, so no link works twice, and a newer one does not wait for an older one to expire.

use std::{sync::Arc, time::Duration};

use auth_runtime::{KeyRing, clock::UnixTime, keys::PurposeCipher};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::Failure;

/// How long a link is good.
const LIFETIME: Duration = Duration::from_hours(1);

/// Makes and reads the links of all purposes. Those of one purpose are not good for another one.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    base: Arc<str>,
    keys: KeyRing,
}

/// What a link is for.
pub(crate) trait Purpose: Serialize + DeserializeOwned {
    /// Names it in the derivation of its key.
    const NAME: &'static str;
    /// The path of its page.
    const PATH: &'static str;
}

#[derive(Serialize, Deserialize)]
struct Content<P> {
    until: u64,
    purpose: P,
}

impl Links {
    pub(crate) fn new(base: &str, keys: KeyRing) -> Self {
        Self { base: base.into(), keys }
    }

    /// Returns the address of a new link.
    pub(crate) fn address<P: Purpose>(&self, now: UnixTime, purpose: P) -> Result<String, Failure> {
        let content = Content { until: now.plus(LIFETIME).as_secs(), purpose };
        let text = serde_json::to_vec(&content).map_err(Failure::unavailable)?;
        let link = self.cipher::<P>().encrypt(now, &text).map_err(Failure::unavailable)?;
        Ok(format!("{}{}?link={link}", self.base, P::PATH))
    }

    /// Returns what a link is for; `None` unless it is one of this purpose that has not expired.
    pub(crate) fn open<P: Purpose>(&self, now: UnixTime, link: &str) -> Option<P> {
        let text = self.cipher::<P>().decrypt(now, link)?;
        let content: Content<P> = serde_json::from_slice(&text).ok()?;
        (now.as_secs() <= content.until).then_some(content.purpose)
    }

    fn cipher<P: Purpose>(&self) -> PurposeCipher {
        PurposeCipher::new(self.keys.clone(), P::NAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct One(String);

    impl Purpose for One {
        const NAME: &'static str = "test/one";
        const PATH: &'static str = "/one";
    }

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Other(String);

    impl Purpose for Other {
        const NAME: &'static str = "test/other";
        const PATH: &'static str = "/other";
    }

    #[test]
    fn a_link_is_good_for_its_purpose_its_keys_and_an_hour() {
        let now = UnixTime::from_secs(1_800_000_000);
        let links = Links::new("https://newsroom.example", KeyRing::random());
        let address = links.address(now, One("ada".to_owned())).unwrap();
        let link = address.strip_prefix("https://newsroom.example/one?link=").unwrap();
        let end = now.plus(LIFETIME);
        assert_eq!(links.open(end, link), Some(One("ada".to_owned())));
        assert_eq!(links.open::<One>(end.plus(Duration::from_secs(1)), link), None);
        assert_eq!(links.open::<Other>(now, link), None);
        assert_eq!(links.open::<One>(now, &link[1..]), None);
        assert_eq!(Links::new("https://newsroom.example", KeyRing::random()).open::<One>(now, link), None);
    }
}
