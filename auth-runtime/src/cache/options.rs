//! The options and orders that all caches have.

/// Gives a cache its options; it has a field `kept`, and forgets a user by `forget_user`.
macro_rules! cache_options {
    ($cache:ident<$source:ident: $bound:ident>) => {
        impl<$source: $bound> $cache<$source> {
            /// Keeps an answer for this long, in whole seconds. The default is 60 seconds.
            ///
            /// # Security
            ///
            /// A change that nobody tells the cache of takes effect after this time.
            pub fn with_time_to_live(mut self, time: Duration) -> Self {
                self.renew(|options| options.time_to_live = time);
                self
            }

            /// Keeps the answer "no" for this long, in whole seconds, and no longer than other answers. The default is
            /// 5 seconds.
            pub fn with_negative_time_to_live(mut self, time: Duration) -> Self {
                self.renew(|options| options.negative_time_to_live = time);
                self
            }

            /// Keeps at most about this many answers. The default is 10,000.
            pub fn with_capacity(mut self, answers: u64) -> Self {
                self.renew(|options| options.capacity = answers);
                self
            }

            /// Reads the time from `clock`. The default is the [`SystemClock`](crate::clock::SystemClock).
            pub fn with_clock(mut self, clock: impl Clock) -> Self {
                self.renew(|options| options.clock = Arc::new(clock));
                self
            }

            /// Tells the caches of all instances what to forget, and is told by them.
            ///
            /// The default is that each instance has to be told by itself.
            pub fn with_push(mut self, push: impl Push) -> Self {
                let push: Arc<dyn Push> = Arc::new(push);
                self.renew(|options| options.push = Some(push));
                self
            }

            /// Begins anew with other options. What is kept from now on has to be told what to forget, too.
            fn renew(&mut self, change: impl FnOnce(&mut $crate::cache::Options)) {
                self.kept = self.kept.clone().with(change);
                let Some(push) = self.kept.options.push.clone() else { return };
                self.kept.listen(&*push, |kept, what| match what {
                    Invalidate::All => kept.forget_all(),
                    Invalidate::User(user) => kept.forget(&user.clone().into()),
                });
            }

            /// Forgets what is kept about `user`, on every instance that the push reaches.
            ///
            /// # Errors
            ///
            /// Fails when the other instances cannot be told; this one has forgotten.
            pub async fn invalidate(&self, user: &UserId) -> Result<(), BoxError> {
                self.kept.forget(&user.clone().into());
                match &self.kept.options.push {
                    Some(push) => push.push(Invalidate::User(user.clone())).await,
                    None => Ok(()),
                }
            }

            /// Forgets everything, on every instance that the push reaches.
            ///
            /// # Errors
            ///
            /// Fails when the other instances cannot be told; this one has forgotten.
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
