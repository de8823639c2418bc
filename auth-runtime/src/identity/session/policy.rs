//! Finding, remembering and forgetting.

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;
use smallvec::SmallVec;

use super::{
    SessionDetails, SessionIdentity,
    backend::{Guard, Held, Live},
    details::Circumstances,
    record::Core,
    secret::{Ids, Secret},
};
use crate::{
    Identity,
    clock::UnixTime,
    identity::{
        Data, DataEdits, Effects, Identified, IdentityError, IdentityPolicy, Incoming, Occasion, Remember,
        cookie::{CookieValues, MAX_CANDIDATES, loopback},
    },
};

const NOT_LOOPBACK: &str = "cookies without https are for loopback hosts only; \
    leave out `with_insecure_http_on_loopback`";
const NOT_READ: &str = "the sessions of this request could not be looked up";
const ENDED: &str = "the session was ended by another request";

/// Nearly all requests have one.
type Secrets = SmallVec<[Arc<Secret>; 1]>;

/// A session, the value of its cookie, and whether that is the present one.
type Found = (Live, Arc<Secret>, bool);

/// What a request's cookies say before any store is asked.
enum Presented {
    Nothing,
    /// No session of ours can be meant
    Nonsense,
    Secrets(Secrets),
}

#[async_trait]
impl IdentityPolicy for SessionIdentity {
    async fn identify(&self, request: &Incoming<'_>) -> Result<Identified, IdentityError> {
        let on = self.circumstances(request);
        match self.presented(request, &on) {
            Presented::Nothing => Ok(Identified::anonymous().with_memo(on)),
            Presented::Nonsense => Ok(Identified::bad_credential().with_memo(on)),
            Presented::Secrets(secrets) => self.look_up(secrets, &on, request.now()).await,
        }
    }

    fn identify_now(&self, request: &Incoming<'_>) -> Option<Result<Identified, IdentityError>> {
        let on = self.circumstances(request);
        match self.presented(request, &on) {
            Presented::Nothing => Some(Ok(Identified::anonymous().with_memo(on))),
            Presented::Nonsense => Some(Ok(Identified::bad_credential().with_memo(on))),
            Presented::Secrets(secrets) => self.look_up_now(secrets, &on, request.now()).map(Ok),
        }
    }

    async fn remember(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
    ) -> Result<Effects, IdentityError> {
        let data = self.carried_data(occasion);
        self.log_in(occasion, identity, options, |_, _| Ok(data.clone())).await
    }

    /// The browser's cookie is removed even when the store does not answer; the call then fails all the same.
    async fn forget(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let removal = self.cookie.remove()?;
        let looked_up = Circumstances::of(occasion.identified());
        // Where the look-up failed nobody knows which session to end.
        let mut failure = looked_up.is_none().then(|| IdentityError::unavailable(NOT_READ));
        let on = looked_up.unwrap_or_default();
        for held in self.replaced(occasion, &on) {
            if let Err(error) = self.backend.end(&held).await {
                failure = Some(error);
            }
        }
        let effects = removal.with_identified(Identified::anonymous().with_memo(alone(&on)));
        Ok(match failure {
            Some(error) => effects.with_failure(error),
            None => effects,
        })
    }

    /// Writes down that the session is used.
    async fn renew(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        if let Some(details) = occasion.identified().memo::<SessionDetails>()
            && self.limits.is_due(&details.live, occasion.now())
        {
            // A session that has ended meanwhile stays ended.
            self.backend.edit(&details.live, occasion.now(), |_| Ok(())).await?;
        }
        Ok(Effects::none())
    }

    async fn rotate(&self, occasion: &Occasion<'_>) -> Result<Effects, IdentityError> {
        let on = read_circumstances(occasion)?;
        let Some(details) = occasion.current().memo::<SessionDetails>() else {
            return Ok(Effects::none().with_identified(occasion.current().clone()));
        };
        // The handler may have taken long.
        let live = self.backend.enter(&details.secret, occasion.now()).await?;
        let (live, _) = live.filter(|(_, is_open)| *is_open).ok_or(IdentityError::refuse(ENDED))?;
        let (secret, guard) = self.backend.rotate(&live, &details.secret).await?;
        // A request may have carried other sessions of the same user.
        let old = self.backend.held(&live, &details.secret);
        for held in self.replaced(occasion, &on).iter().filter(|held| held.ids != old.ids) {
            self.backend.end(held).await?;
        }
        let on = alone(&on);
        self.written(secret, live, guard, on, occasion)
    }

    async fn store(&self, occasion: &Occasion<'_>, edits: &DataEdits) -> Result<Effects, IdentityError> {
        if occasion.current().is_contradictory() {
            return Err(IdentityError::refuse("sessions of different users were presented"));
        }
        let on = read_circumstances(occasion)?;
        if let Some(details) = occasion.current().memo::<SessionDetails>() {
            let edited = self.backend.edit(&details.live, occasion.now(), |values| {
                Arc::make_mut(&mut values.data).edit(edits);
                self.check_size(values.size())
            });
            let live = edited.await?.ok_or(IdentityError::refuse(ENDED))?;
            let secret = Arc::clone(&details.secret);
            return Ok(Effects::none().with_identified(identified(live, secret, on, false)));
        }
        let mut data = Data::default();
        data.edit(edits);
        // Nothing is kept for somebody who has nothing to be kept.
        if data.is_empty() {
            return Ok(Effects::none().with_identified(occasion.current().clone()));
        }
        let core = self.limits.anonymous_core(occasion.now())?;
        let (secret, live, guard) = self.begin(core, data, occasion).await?;
        self.written(secret, live, guard, on, occasion)
    }

    fn ends_credentials(&self) -> bool {
        true
    }

    fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }
}

impl SessionIdentity {
    fn circumstances(&self, request: &Incoming<'_>) -> Arc<Circumstances> {
        let is_elsewhere = !self.cookie.is_secure() && !loopback::is_loopback(request);
        let label = self.label.as_ref().and_then(|label| label(request));
        if !is_elsewhere && label.is_none() {
            return Arc::clone(&self.nothing);
        }
        Arc::new(Circumstances {
            obstacle: is_elsewhere.then_some(NOT_LOOPBACK),
            label,
            presented: Vec::new(),
        })
    }

    fn presented(&self, request: &Incoming<'_>, on: &Circumstances) -> Presented {
        let mut secrets = Secrets::new();
        let mut candidates: usize = 0;
        for value in CookieValues::new(request.headers(), self.cookie.name()) {
            candidates = candidates.saturating_add(1);
            // No browser sends that many; somebody wants us to work.
            if candidates > MAX_CANDIDATES || on.obstacle.is_some() {
                return Presented::Nonsense;
            }
            secrets.extend(Secret::parse(value.as_bytes()).map(Arc::new));
        }
        match (candidates, secrets.is_empty()) {
            (0, _) => Presented::Nothing,
            (_, true) => Presented::Nonsense,
            (_, false) => Presented::Secrets(secrets),
        }
    }

    async fn look_up(
        &self,
        secrets: Secrets,
        on: &Arc<Circumstances>,
        now: UnixTime,
    ) -> Result<Identified, IdentityError> {
        let mut found: SmallVec<[Found; 1]> = SmallVec::new();
        for secret in secrets {
            if let Some((live, is_open)) = self.backend.enter(&secret, now).await? {
                found.push((live, secret, is_open));
            }
        }
        Ok(self.choose(found, on, now))
    }

    fn look_up_now(&self, secrets: Secrets, on: &Arc<Circumstances>, now: UnixTime) -> Option<Identified> {
        let mut found: SmallVec<[Found; 1]> = SmallVec::new();
        for secret in secrets {
            if let Some((live, is_open)) = self.backend.enter_now(&secret, now).ok()? {
                found.push((live, secret, is_open));
            }
        }
        Some(self.choose(found, on, now))
    }

    fn choose(&self, mut found: SmallVec<[Found; 1]>, on: &Arc<Circumstances>, now: UnixTime) -> Identified {
        let open = || found.iter().filter(|(_, _, is_open)| *is_open);
        let mut identities = open().filter_map(|(live, _, _)| live.core.who());
        let is_contradictory = identities.next().is_some_and(|one| identities.any(|other| other != one));
        // A user's session goes before one of nobody, and a later one before an earlier.
        let rank = |live: &Live| (live.core.identity().is_some(), live.core.created());
        let open = found.iter().enumerate().filter(|(_, (_, _, is_open))| *is_open && !is_contradictory);
        let best = open.max_by_key(|(_, (live, _, _))| rank(live)).map(|(at, _)| at);
        let best = best.map(|at| found.swap_remove(at));
        // An earlier value lets nobody in, but whoever logs out with it means the session: its rotation may be on its
        // way to the browser at this moment.
        let on = if found.is_empty() {
            Arc::clone(on)
        } else {
            let presented = found.into_iter().map(|(live, secret, _)| (live, secret)).collect();
            Arc::new(Circumstances { presented, ..Circumstances::clone(on) })
        };
        match best {
            Some((live, secret, _)) => {
                let is_due = self.limits.is_due(&live, now);
                identified(live, secret, on, is_due)
            }
            None if is_contradictory => Identified::contradictory().with_memo(on),
            None => Identified::bad_credential().with_memo(on),
        }
    }

    /// The sessions that a change puts an end to: those that came with the request, and one that it has begun since.
    fn replaced(&self, occasion: &Occasion<'_>, on: &Circumstances) -> Vec<Held> {
        let held = |(live, secret): &(Live, Arc<Secret>)| self.backend.held(live, secret);
        let mut replaced: Vec<Held> = on.presented.iter().map(held).collect();
        for identified in [occasion.identified(), occasion.current()] {
            if let Some(details) = identified.memo::<SessionDetails>() {
                let held = self.backend.held(&details.live, &details.secret);
                if !replaced.contains(&held) {
                    replaced.push(held);
                }
            }
        }
        replaced
    }

    /// What a session of nobody hands on to the user who logs in.
    pub(super) fn carried_data(&self, occasion: &Occasion<'_>) -> Data {
        let current = occasion.current();
        if current.identity().is_some() || self.carried.is_empty() {
            return Data::default();
        }
        let data = current.data().into_iter().flat_map(|data| data.iter());
        data.filter(|(key, _)| self.carried.contains(*key))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    fn check_size(&self, size: usize) -> Result<(), IdentityError> {
        if size > self.limits.data {
            return Err(IdentityError::too_large(
                "the session's data are longer than `with_max_data` allows",
            ));
        }
        Ok(())
    }

    /// Begins a session for a user, and ends those before it. `data` makes what it keeps, of its core and public name.
    pub(super) async fn log_in(
        &self,
        occasion: &Occasion<'_>,
        identity: &Identity,
        options: &Remember,
        data: impl Fn(&Core, &Ids) -> Result<Data, IdentityError> + Send + Sync,
    ) -> Result<Effects, IdentityError> {
        // A log-in needs no look-up to have succeeded; where none has, there is no old session to be ended.
        let on = Circumstances::of(occasion.identified()).unwrap_or_default();
        if let Some(obstacle) = on.obstacle {
            return Err(IdentityError::misconfigured(obstacle));
        }
        let earlier = occasion.current().memo::<SessionDetails>();
        let earlier = earlier.as_ref().map(|details| &*details.live.core);
        let core = self.limits.core(identity, options, on.label.as_deref(), earlier, occasion.now())?;
        self.begin_instead(occasion, on, core, data).await
    }

    async fn begin_instead(
        &self,
        occasion: &Occasion<'_>,
        on: Arc<Circumstances>,
        core: Core,
        data: impl Fn(&Core, &Ids) -> Result<Data, IdentityError> + Send + Sync,
    ) -> Result<Effects, IdentityError> {
        let replaced = self.replaced(occasion, &on);
        let (secret, live, mut guard) = self.backend.begin(Arc::new(core), occasion.now(), data).await?;
        let new = self.backend.held(&live, &secret);
        let is_acted = live.core.actor().is_some();
        if let Err(error) = self.take_place(&new, is_acted, &replaced, occasion).await {
            // At once, so that it does not count at the next log-in; where that fails, the guard goes on trying.
            if self.backend.end(&new).await.is_ok() {
                guard.disarm();
            }
            return Err(error);
        }
        let on = alone(&on);
        self.written(secret, live, guard, on, occasion)
    }

    async fn take_place(
        &self,
        new: &Held,
        is_acted: bool,
        replaced: &[Held],
        occasion: &Occasion<'_>,
    ) -> Result<(), IdentityError> {
        self.limits.settle(&self.backend, new, is_acted, replaced, occasion.now()).await?;
        for held in replaced {
            self.backend.end(held).await?;
        }
        Ok(())
    }

    async fn begin(
        &self,
        core: Core,
        data: Data,
        occasion: &Occasion<'_>,
    ) -> Result<(Secret, Live, Guard), IdentityError> {
        self.backend.begin(Arc::new(core), occasion.now(), |_, _| Ok(data.clone())).await
    }

    fn written(
        &self,
        secret: Secret,
        live: Live,
        guard: Guard,
        on: Arc<Circumstances>,
        occasion: &Occasion<'_>,
    ) -> Result<Effects, IdentityError> {
        let left = live.core.expires().since(occasion.now());
        let effects = self.cookie.set(&secret.text(), (!live.core.until_browser_closes).then_some(left))?;
        let identified = identified(live, Arc::new(secret), on, false);
        Ok(effects.with_identified(identified).or_undo(guard.pass_on()))
    }
}

fn identified(live: Live, secret: Arc<Secret>, on: Arc<Circumstances>, is_due: bool) -> Identified {
    let mut identified = match live.core.identity() {
        Some(identity) => Identified::known(identity.clone())
            .with_authenticated_at(live.core.created())
            .with_credential_id(live.ids.public.clone()),
        None => Identified::anonymous(),
    };
    if let Some(actor) = live.core.actor() {
        identified = identified.with_actor(actor.clone());
    }
    identified
        .with_renewal_due(is_due)
        .with_data(Arc::clone(&live.values.data))
        .with_memo(Arc::new(SessionDetails { live, secret, on }))
}

/// What the request carried, for a change that writes a cookie.
fn read_circumstances(occasion: &Occasion<'_>) -> Result<Arc<Circumstances>, IdentityError> {
    let on = Circumstances::of(occasion.identified());
    let on = on.ok_or_else(|| IdentityError::unavailable(NOT_READ))?;
    on.obstacle.map_or(Ok(on), |obstacle| Err(IdentityError::misconfigured(obstacle)))
}

/// The same circumstances once the sessions of the request have ended.
fn alone(on: &Circumstances) -> Arc<Circumstances> {
    Arc::new(Circumstances { presented: Vec::new(), ..on.clone() })
}
