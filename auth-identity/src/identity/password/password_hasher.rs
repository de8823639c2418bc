//! Hashes passwords with Argon2id without blocking other requests: [`PasswordHasher`].

use std::{fmt, sync::Arc, thread};

use argon2::Params;
use tokio::sync::Semaphore;

use super::{Password, PasswordError, PasswordErrorKind as Kind, argon2id};

/// Computes and verifies Argon2id password hashes (RFC 9106) in PHC string form.
///
/// | option | default |
/// |---|---|
/// | memory, iterations, lanes | 19,456 KiB, 2, 1: OWASP's minimum |
/// | concurrent hashes | half of the processors, at least one |
/// | waiting requests | 64; further ones fail |
///
/// Clones share the limits.
///
/// # Example
///
/// ```
/// use auth_runtime::{Auth, AuthError, identity::{Password, PasswordHasher}};
/// # struct User { name: String, hash: String }
/// # async fn find(_: &str) -> Option<User> { None }
/// # async fn save(_: &str, _: String) {}
///
/// async fn login(auth: Auth, passwords: &PasswordHasher, name: &str, password: Password) -> Result<(), AuthError> {
///     let user = find(name).await;
///     // An unknown name costs the same time as a wrong password.
///     let found = passwords.verify(&password, user.as_ref().map(|user| &*user.hash)).await?;
///     let Some(user) = user.filter(|_| found.is_match()) else { return Err(AuthError::unauthenticated()) };
///     if found.needs_rehash() {
///         save(&user.name, passwords.hash(&password).await?).await;
///     }
///     auth.remember(&user.name).await
/// }
/// ```
///
/// # Security
///
/// A hash is computed on tokio's threads for blocking work, and completes even if the request is cancelled. A
/// stored hash with other parameters takes its own time; after a change of parameters, rehash at each log-in.
/// Against credential stuffing and brute force, also limit the rate of attempts (feature `throttle`): this only limits
/// concurrent work.
#[derive(Clone)]
#[must_use]
pub struct PasswordHasher {
    params: Params,
    /// The running computations
    turns: Arc<Semaphore>,
    /// The running and waiting computations
    places: Arc<Semaphore>,
    concurrency: usize,
    waiting: usize,
}

/// The result of a verification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct PasswordMatch {
    is_match: bool,
    needs_rehash: bool,
}

impl PasswordMatch {
    pub(super) const fn none() -> Self {
        Self { is_match: false, needs_rehash: false }
    }

    pub(super) const fn found(needs_rehash: bool) -> Self {
        Self { is_match: true, needs_rehash }
    }

    /// Returns whether the password is correct.
    #[must_use]
    pub const fn is_match(self) -> bool {
        self.is_match
    }

    /// Returns whether the password is correct and its stored hash has old parameters; store a new hash then.
    #[must_use]
    pub const fn needs_rehash(self) -> bool {
        self.needs_rehash
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self::with(Params::DEFAULT, (processors / 2).max(1), 64)
    }
}

impl PasswordHasher {
    /// Returns the default, which is suitable for log-ins.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(params: Params, concurrency: usize, waiting: usize) -> Self {
        let places = concurrency.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        Self {
            params: argon2id::params(params.m_cost(), params.t_cost(), params.p_cost()).unwrap_or(params),
            turns: Arc::new(Semaphore::new(concurrency.min(places))),
            places: Arc::new(Semaphore::new(places)),
            concurrency,
            waiting,
        }
    }

    /// Sets the cost of new hashes: memory in KiB, iterations, and lanes. The default is 19,456 KiB, 2 and 1.
    ///
    /// # Errors
    ///
    /// Fails if the parameters are not valid for Argon2 (a lane needs 8 KiB), and above 1 GiB, 64 iterations
    /// or 64 lanes.
    ///
    /// # Security
    ///
    /// Less than the default makes stolen hashes easier to crack.
    pub fn with_costs(self, memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, PasswordError> {
        let params = argon2id::params(memory_kib, iterations, lanes)?;
        Ok(Self::with(params, self.concurrency, self.waiting))
    }

    /// Sets the number of concurrent hashes, at least one. The default is half of the processors.
    pub fn with_concurrency(self, hashes: usize) -> Self {
        Self::with(self.params, hashes.max(1), self.waiting)
    }

    /// Sets the number of requests that may wait. The default is 64.
    pub fn with_waiting(self, requests: usize) -> Self {
        Self::with(self.params, self.concurrency, requests)
    }

    /// Computes a hash to store.
    ///
    /// # Errors
    ///
    /// Fails for an empty password, if too many requests wait, and if the operating system gives no memory or
    /// randomness.
    pub async fn hash(&self, password: &Password) -> Result<String, PasswordError> {
        let (password, params) = (password.clone(), self.params.clone());
        self.in_turn(move || argon2id::hash(&password, &params)).await
    }

    /// Verifies a password against a stored hash. Without one, for an unknown user, it does the same work and
    /// returns no match (user enumeration).
    ///
    /// # Errors
    ///
    /// Fails if the stored text is not an Argon2 hash in PHC form (the same work is done), if too many
    /// requests wait, and if there is no memory.
    pub async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
    ) -> Result<PasswordMatch, PasswordError> {
        let (password, params) = (password.clone(), self.params.clone());
        let stored = stored.map(str::to_owned);
        self.in_turn(move || argon2id::verify(&password, stored.as_deref(), &params)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place =
            Arc::clone(&self.places).try_acquire_owned().map_err(|_| PasswordError::new(Kind::Busy))?;
        let failed = PasswordError::new(Kind::Failed);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| failed)?;
        let computed = tokio::task::spawn_blocking(move || {
            let computed = compute();
            // Release late: cancelling the request does not stop the computation.
            drop((turn, place));
            computed
        });
        computed.await.map_err(|_| failed)?
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher")
            .field("memory_kib", &self.params.m_cost())
            .field("iterations", &self.params.t_cost())
            .field("lanes", &self.params.p_cost())
            .field("concurrency", &self.concurrency)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    // A waiting request blocks no thread, and further ones fail.
    #[tokio::test]
    async fn no_more_are_computed_than_allowed() {
        let passwords = PasswordHasher::new().with_concurrency(2).with_waiting(3);
        let (go, gate) = mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let attempts: Vec<_> = (0..5)
            .map(|_| {
                let (passwords, gate) = (passwords.clone(), Arc::clone(&gate));
                let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                tokio::spawn(async move {
                    let compute = move || {
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        // Ends when all senders are gone.
                        let _ = gate.lock().unwrap().recv();
                        running.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    };
                    passwords.in_turn(compute).await
                })
            })
            .collect();
        while running.load(Ordering::SeqCst) < 2 || passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.in_turn(|| Ok(())).await.unwrap_err().kind(), Kind::Busy);
        // A cancelled request gives up its place unless its hash is being computed.
        let mut attempts = attempts.into_iter();
        let (first, last) = (attempts.next().unwrap(), attempts.next_back().unwrap());
        for (gone, free) in [(first, 0), (last, 1)] {
            gone.abort();
            assert!(gone.await.unwrap_err().is_cancelled());
            assert_eq!(
                (passwords.turns.available_permits(), passwords.places.available_permits()),
                (0, free)
            );
        }
        drop(go);
        for attempt in attempts {
            attempt.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        while passwords.places.available_permits() < 5 {
            tokio::task::yield_now().await;
        }
        assert!(passwords.in_turn(|| Ok(())).await.is_ok());
    }
}
