//! A client of a policy whose credential is a cookie, and which waits for nothing.

#![allow(dead_code, reason = "each test uses its own part of this")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::net::{IpAddr, SocketAddr};

use auth_runtime::{
    Identity, IdentityPolicy, LoginOptions,
    clock::UnixTime,
    identity::{ChangeContext, DataEdits, Effects, Identified, IdentityError, Incoming},
};
use http::{Request, header};

pub(crate) use crate::poll_once::poll_once;

/// A client with its cookies, its address and other headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) cookies: Vec<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) peer: Option<SocketAddr>,
}

impl Client {
    pub(crate) fn with(cookies: &[&str]) -> Self {
        Self { cookies: cookies.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    pub(crate) fn at(peer: &str) -> Self {
        let peer: IpAddr = peer.parse().unwrap();
        Self { peer: Some((peer, 50_000).into()), ..Self::default() }
    }

    /// A client on this machine, which asks for this host.
    pub(crate) fn to(host: &str) -> Self {
        Self { headers: vec![("host", host.to_owned())], ..Self::at("127.0.0.1") }
    }

    pub(crate) fn asks(&self, policy: &impl IdentityPolicy, now: u64) -> Result<Identified, IdentityError> {
        let mut request = Request::builder();
        for line in &self.cookies {
            request = request.header(header::COOKIE, line);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let incoming = Incoming::new(&parts, self.peer, UnixTime::from_secs(now));
        policy.identify(&incoming).now().expect("it always answers at once")
    }

    pub(crate) fn is(&self, policy: &impl IdentityPolicy, now: u64) -> Identified {
        self.asks(policy, now).unwrap()
    }

    pub(crate) fn who(&self, policy: &impl IdentityPolicy, now: u64) -> Option<String> {
        self.is(policy, now).identity().map(|identity| identity.as_str().to_owned())
    }

    /// Acts as the user that the policy finds, and returns what the response sets.
    pub(crate) fn does(
        &mut self,
        policy: &impl IdentityPolicy,
        now: u64,
        act: impl AsyncFnOnce(&ChangeContext<'_>) -> Result<Effects, IdentityError>,
    ) -> Vec<String> {
        let found = self.is(policy, now);
        let context = ChangeContext::new(UnixTime::from_secs(now), &found);
        let effects = poll_once(act(&context)).unwrap();
        self.takes(&effects)
    }

    pub(crate) fn logs_in(
        &mut self,
        policy: &impl IdentityPolicy,
        now: u64,
        name: &str,
        options: &LoginOptions,
    ) -> Vec<String> {
        let identity = Identity::new(name).unwrap();
        self.does(policy, now, async |context| policy.remember(context, &identity, options).await)
    }

    pub(crate) fn renews(&mut self, policy: &impl IdentityPolicy, now: u64) -> Vec<String> {
        self.does(policy, now, async |context| policy.renew(context).await)
    }

    pub(crate) fn stores(
        &mut self,
        policy: &impl IdentityPolicy,
        now: u64,
        edits: &DataEdits,
    ) -> Vec<String> {
        self.does(policy, now, async |context| policy.store(context, edits).await)
    }

    /// Keeps what the response sets, as a browser does.
    pub(crate) fn takes(&mut self, effects: &Effects) -> Vec<String> {
        let lines = lines(effects);
        for line in &lines {
            let pair = line.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|cookie| !cookie.starts_with(&format!("{name}=")));
            if !value.is_empty() {
                self.cookies.push(pair.to_owned());
            }
        }
        lines
    }
}

/// The lines of `Set-Cookie`; there is nothing else.
pub(crate) fn lines(effects: &Effects) -> Vec<String> {
    effects
        .headers()
        .map(|(name, value)| {
            assert_eq!(name, header::SET_COOKIE);
            value.to_str().unwrap().to_owned()
        })
        .collect()
}
