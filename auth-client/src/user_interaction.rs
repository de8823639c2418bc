//! Prompts the user during a log-in: the trait [`Interaction`] and its default, [`Terminal`].

use std::{
    fmt,
    io::{self, Write as _},
    time::Duration,
};

use url::Url;

/// Prompts the user during a log-in and shows how much time is left. The default is [`Terminal`].
pub trait Interaction: fmt::Debug + Send + Sync {
    /// Asks the user to open this address in a browser and log in there.
    fn open(&self, address: &Url, left: Duration);

    /// Asks the user to open an address on any device and enter a code there.
    fn enter_code(&self, prompt: &DevicePrompt, left: Duration);

    /// Reports that the log-in is still pending. Called every few seconds.
    fn waiting(&self, _left: Duration) {}

    /// Reports that the log-in has ended, successfully or not.
    fn finished(&self, _is_logged_in: bool) {}
}

/// The code and addresses of a device log-in (RFC 8628 section 3.2).
#[derive(Clone, Debug)]
pub struct DevicePrompt {
    pub(crate) code: String,
    pub(crate) address: Url,
    pub(crate) complete_address: Option<Url>,
}

impl DevicePrompt {
    /// Returns the code to enter.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the address to open.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Returns an address that contains the code, for example for a QR code.
    ///
    /// # Security
    ///
    /// Show the code next to it and let the user compare (RFC 8628 section 5.4). A user who opens such an
    /// address from an attacker authorizes the attacker's device (remote phishing).
    #[must_use]
    pub fn complete_address(&self) -> Option<&Url> {
        self.complete_address.as_ref()
    }
}

/// Prompts on standard error; with the feature `browser`, it can also open the browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    #[cfg(feature = "browser")]
    browser: bool,
}

impl Terminal {
    /// Creates a terminal that shows the address.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a terminal that also opens the user's browser.
    #[cfg(feature = "browser")]
    #[must_use]
    pub fn with_browser() -> Self {
        Self { browser: true }
    }
}

/// Ignores errors: a closed terminal must not end a log-in.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Formats minutes and seconds.
fn clock_face(left: Duration) -> String {
    let (minutes, seconds) = (left.as_secs().div_euclid(60), left.as_secs().rem_euclid(60));
    format!("{minutes}:{seconds:02}")
}

impl Interaction for Terminal {
    fn open(&self, address: &Url, left: Duration) {
        say(&format!(
            "To log in, open this address in your browser ({} left):\n\n  {address}\n",
            clock_face(left)
        ));
        #[cfg(feature = "browser")]
        if self.browser && open_browser(address, |address| open::that_detached(address)).is_err() {
            say("The browser could not be opened; please open the address yourself.");
        }
    }

    fn enter_code(&self, prompt: &DevicePrompt, left: Duration) {
        let (address, code) = (prompt.address(), prompt.code());
        say(&format!(
            "To log in, open {address} on any device and enter the code {code} ({} left).",
            clock_face(left)
        ));
    }

    fn waiting(&self, left: Duration) {
        say(&format!("Waiting for the log-in, {} left …", clock_face(left)));
    }

    fn finished(&self, is_logged_in: bool) {
        say(if is_logged_in { "Logged in." } else { "Not logged in." });
    }
}

/// Opens an address in the browser. It is one argument of a program, never part of a shell command (command
/// injection), and it must be a web address.
#[cfg(feature = "browser")]
fn open_browser(address: &Url, open: impl FnOnce(&str) -> io::Result<()>) -> io::Result<()> {
    if !matches!(address.scheme(), "http" | "https") {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    open(address.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_in_minutes_and_seconds() {
        assert_eq!(clock_face(Duration::from_mins(5)), "5:00");
        assert_eq!(clock_face(Duration::from_millis(61_900)), "1:01");
        assert_eq!(clock_face(Duration::ZERO), "0:00");
    }

    // Only web addresses are opened.
    #[cfg(feature = "browser")]
    #[test]
    fn the_browser_gets_one_web_address_and_nothing_else() {
        for address in
            ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ssh://host", "vscode://x"]
        {
            let url = Url::parse(address).unwrap();
            assert!(open_browser(&url, |_| panic!("{address} was opened")).is_err());
        }
        let hostile = Url::parse("https://a.example/;rm -rf ~?a=$(id)&b=`id`\"' |x").unwrap();
        let mut opened = None;
        open_browser(&hostile, |address| {
            opened = Some(address.to_owned());
            Ok(())
        })
        .unwrap();
        let opened = opened.unwrap();
        assert!(opened.starts_with("https://a.example/") && !opened.contains([' ', '"', '\n']), "{opened}");
    }
}
