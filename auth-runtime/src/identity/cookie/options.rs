//! The options that every policy with a cookie has, written once.

/// Writes them into the `impl` of a policy with a field `cookie`. `$default` is the cookie's name by default, and
/// `$renewed` the method that derives anew what depends on the cookie.
macro_rules! cookie_options {
    ($default:literal, $renewed:ident) => {
        #[doc = concat!("Sets the cookie's name, as [`CookieConfig::with_name`] does. The default is `", $default, "`.")]
        ///
        /// # Errors
        ///
        /// Fails when it is no cookie name, and when its prefix contradicts the other settings.
        pub fn with_cookie_name(self, name: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_name(name))
        }

        /// Sets when other sites' requests carry the cookie. The default is [`SameSite::Lax`].
        ///
        /// # Errors
        ///
        /// Fails for [`SameSite::None`] when `Secure` is switched off.
        pub fn with_same_site(self, same_site: SameSite) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_same_site(same_site))
        }

        /// Sends the cookie to all hosts of a domain. The default is none.
        ///
        /// # Errors
        ///
        /// Fails when it is no host name, and for names with the prefix `__Host-`.
        ///
        /// # Security
        ///
        /// Each host of the domain can read and replace the cookie.
        pub fn with_domain(self, domain: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_domain(domain))
        }

        /// Sends the cookie for this path and those below it only. The default is `/`.
        ///
        /// # Errors
        ///
        /// Fails when it is no path, and for names with the prefix `__Host-`.
        pub fn with_path(self, path: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_path(path))
        }

        /// For development without https: a cookie without `Secure` and without name prefix, on loopback hosts only.
        ///
        /// # Errors
        ///
        /// Fails with [`SameSite::None`], which browsers only take with `Secure`.
        ///
        /// # Security
        ///
        /// Requests for other hosts than `localhost`, 127.0.0.0/8 and `[::1]` have no identity, and none can be
        /// remembered for them.
        pub fn with_insecure_http_on_loopback(self) -> Result<Self, CookieConfigError> {
            self.map_cookie(CookieConfig::with_insecure_http_on_loopback)
        }

        fn map_cookie(
            mut self,
            change: impl FnOnce(CookieConfig) -> Result<CookieConfig, CookieConfigError>,
        ) -> Result<Self, CookieConfigError> {
            self.cookie = change(self.cookie)?;
            Ok(self.$renewed())
        }
    };
}

pub(in crate::identity) use cookie_options;
