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

        /// Sends the cookie over http too, to clients on this machine only: for development without https. It has neither
        /// `Secure` nor a name prefix.
        ///
        /// The server has to know where connections come from: serve with
        /// `axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())`. Without this a log-in is
        /// answered with 500, and the log says why.
        ///
        /// # Errors
        ///
        /// Fails with [`SameSite::None`], which browsers only take with `Secure`.
        ///
        /// # Security
        ///
        /// A request has an identity, and one can be remembered for it, if
        ///
        /// 1. the connection comes from 127.0.0.0/8 or `::1`;
        /// 2. no header says that a proxy forwarded it (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`, `Via`);
        /// 3. its `Host` is `localhost`, an address of 127.0.0.0/8 or `[::1]`.
        ///
        /// A proxy on this machine that sends no such header cannot be told from a browser on it.
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
