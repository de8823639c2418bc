//! Generates the options and invalidation methods of the caches, by a macro.

/// Implements the options of a cache with a field `kept` and a method `forget_user`.
macro_rules! cache_options {
    ($cache:ident<$source:ident: $bound:ident>) => {
        impl<$source: $bound> $cache<$source> {
            /// Sets how long a result is cached, in whole seconds. The default is 60 seconds.
            ///
            /// # Security
            ///
            /// A change without an invalidation takes effect after this time.
            pub fn with_time_to_live(mut self, time: Duration) -> Self {
                self.renew(|options| options.time_to_live = time);
                self
            }

            /// Sets how long a negative result is cached, in whole seconds; at most as long as other results.
            /// The default is 5 seconds.
            pub fn with_negative_time_to_live(mut self, time: Duration) -> Self {
                self.renew(|options| options.negative_time_to_live = time);
                self
            }

            /// Sets the approximate capacity. The default is 10,000.
            pub fn with_capacity(mut self, answers: u64) -> Self {
                self.renew(|options| options.capacity = answers);
                self
            }

            /// Sets the clock. The default is the [`SystemClock`](crate::clock::SystemClock).
            pub fn with_clock(mut self, clock: impl Clock) -> Self {
                self.renew(|options| options.clock = Arc::new(clock));
                self
            }

            /// Shares invalidations with the caches of all instances.
            ///
            /// By default each instance has to be invalidated separately.
            pub fn with_push(mut self, push: impl Push) -> Self {
                let push: Arc<dyn Push> = Arc::new(push);
                self.renew(|options| options.push = Some(push));
                self
            }

            /// Replaces the options and subscribes the new cache to invalidations.
            fn renew(&mut self, change: impl FnOnce(&mut $crate::cache::Options)) {
                self.kept = self.kept.clone().with(change);
                let Some(push) = self.kept.options.push.clone() else { return };
                self.kept.listen(&*push, |kept, what| match what {
                    Invalidate::All => kept.forget_all(),
                    Invalidate::User(user) => kept.forget(&user.clone().into()),
                });
            }

            /// Invalidates a user on every instance that the push reaches.
            ///
            /// # Errors
            ///
            /// Fails if the other instances cannot be reached; this one has been invalidated.
            pub async fn invalidate(&self, user: &UserId) -> Result<(), BoxError> {
                self.kept.forget(&user.clone().into());
                match &self.kept.options.push {
                    Some(push) => push.push(Invalidate::User(user.clone())).await,
                    None => Ok(()),
                }
            }

            /// Invalidates everything on every instance that the push reaches.
            ///
            /// # Errors
            ///
            /// Fails if the other instances cannot be reached; this one has been invalidated.
            pub async fn invalidate_all(&self) -> Result<(), BoxError> {
                self.kept.forget_all();
                match &self.kept.options.push {
                    Some(push) => push.push(Invalidate::All).await,
                    None => Ok(()),
                }
            }
        }

        impl<$source: $bound> Clone for $cache<$source> {
            fn clone(&self) -> Self {
                Self { loader: Arc::clone(&self.loader), kept: self.kept.clone() }
            }
        }

        impl<$source: $bound> fmt::Debug for $cache<$source> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($cache))
                    .field("time_to_live", &self.kept.options.time_to_live)
                    .finish_non_exhaustive()
            }
        }
    };
}
