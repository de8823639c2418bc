//! Generates the cookie options of all policies, by a macro.

/// Implements the options for a policy with a field `cookie`. `$default` is the cookie's default name, and
/// `$renewed` the method that recomputes what depends on the cookie.
#[doc(hidden)]
#[macro_export]
macro_rules! cookie_options {
    ($default:literal, $renewed:ident) => {
        #[doc = concat!("Sets the cookie's name, as [`CookieConfig::with_name`] does. The default is `", $default, "`.")]
        ///
        /// # Errors
        ///
        /// Fails if it is not a valid cookie name, and if its prefix contradicts the other settings.
        pub fn with_cookie_name(self, name: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_name(name))
        }

        /// Sets which cross-site requests carry the cookie. The default is [`SameSite::Lax`].
        ///
        /// # Errors
        ///
        /// Fails for [`SameSite::None`] if `Secure` is disabled.
        pub fn with_same_site(self, same_site: SameSite) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_same_site(same_site))
        }

        /// Sends the cookie to all hosts of a domain. The default is none.
        ///
        /// # Errors
        ///
        /// Fails if it is not a valid host name, and for names with the prefix `__Host-`.
        ///
        /// # Security
        ///
        /// Every host of the domain can read and replace the cookie (cookie tossing, session fixation).
        pub fn with_domain(self, domain: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_domain(domain))
        }

        /// Sends the cookie for this path and those below it only. The default is `/`.
        ///
        /// # Errors
        ///
        /// Fails if it is not a valid path, and for names with the prefix `__Host-`.
        pub fn with_path(self, path: impl Into<String>) -> Result<Self, CookieConfigError> {
            self.map_cookie(|cookie| cookie.with_path(path))
        }

        /// Sends the cookie over http too, but only to clients on this host, for development without https.
        /// It has neither `Secure` nor a name prefix.
        ///
        /// The server has to pass on peer addresses: serve with `axum::serve(listener,
        /// app.into_make_service_with_connect_info::<SocketAddr>())`. Otherwise a log-in gets 500, and the
        /// log has the reason.
        ///
        /// # Errors
        ///
        /// Fails with [`SameSite::None`], for which browsers require `Secure`.
        ///
        /// # Security
        ///
        /// The cookie is used for a request if
        ///
        /// 1. the connection comes from 127.0.0.0/8 or `::1`;
        /// 2. no header shows that a proxy forwarded it (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`, `Via`);
        /// 3. its `Host` is `localhost`, an address of 127.0.0.0/8 or `[::1]`.
        ///
        /// A proxy on this host that sends no such header cannot be told from a local browser.
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
