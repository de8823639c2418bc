//! What a person sees of a log-in.

use std::{
    fmt,
    io::{self, Write as _},
    time::Duration,
};

use url::Url;

/// Tells a person what to do, and how long is left. The default is [`Terminal`].
pub trait Interaction: fmt::Debug + Send + Sync {
    /// The person must open this address in a browser, and log in there.
    fn open(&self, address: &Url, left: Duration);

    /// The person must open an address, on any machine, and enter a code there.
    fn enter_code(&self, prompt: &DevicePrompt, left: Duration);

    /// Nothing has come yet. Called each few seconds.
    fn waiting(&self, _left: Duration) {}

    /// The waiting is over, well or not.
    fn finished(&self, _is_logged_in: bool) {}
}

/// What a person needs to let a device in (RFC 8628 section 3.2).
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

    /// Returns an address with the code in it, as for a QR code.
    ///
    /// # Security
    ///
    /// Show the code beside it, and let the person compare (RFC 8628 section 5.4): whoever opens such an address of a
    /// stranger lets the stranger's device in.
    #[must_use]
    pub fn complete_address(&self) -> Option<&Url> {
        self.complete_address.as_ref()
    }
}

/// Writes to the terminal's standard error; with the feature `browser`, it can open the browser too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    #[cfg(feature = "browser")]
    browser: bool,
}

impl Terminal {
    /// Returns a terminal that shows the address for the person to open.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a terminal that opens the user's browser as well.
    #[cfg(feature = "browser")]
    #[must_use]
    pub fn with_browser() -> Self {
        Self { browser: true }
    }
}

/// A terminal that cannot be written to must not end a log-in.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Minutes and seconds.
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

/// Gives an address to the system, as one argument of a program and never as a line for a shell; only what a browser is for.
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

    // LB12
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
