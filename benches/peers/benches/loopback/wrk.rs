//! `wrk` as a child process: loads a route from one core, and parses what it prints.

use std::process::{Command, Stdio};

use crate::{Result, Settings, target::Target};

/// The figures of one run of `wrk`.
pub(crate) struct Load {
    /// Responses received
    pub(crate) requests: f64,
    /// Responses per second
    pub(crate) rate: f64,
}

/// Checks that a tool can be started.
pub(crate) fn is_installed(tool: &str) -> bool {
    let mut command = Command::new(tool);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// Loads a route from this core with its credential, with one thread, for the seconds that are set.
///
/// # Errors
///
/// If `wrk` cannot run, or saw a failed connection or a response other than 2xx and 3xx: some of the
/// measured requests would not be what the table says.
pub(crate) fn load(core: &str, target: &Target, settings: &Settings) -> Result<Load> {
    let output = Command::new("taskset")
        .args(["-c", core, "wrk", "--threads", "1"])
        .args(["--connections", &settings.connections.to_string()])
        .args(["--duration", &format!("{}s", settings.seconds)])
        .args(["--header", &target.credential])
        .arg(format!("http://127.0.0.1:{}/", target.port))
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("wrk: {}{text}", String::from_utf8_lossy(&output.stderr)).into());
    }
    parse(&text).ok_or_else(|| format!("{}: not every request succeeded\n{text}", target.name).into())
}

/// Returns `None` if there were errors, or the figures are missing.
fn parse(text: &str) -> Option<Load> {
    let mut lines = text.lines().map(str::trim);
    if lines.clone().any(|line| line.starts_with("Socket errors:") || line.starts_with("Non-2xx")) {
        return None;
    }
    let requests = lines.clone().find_map(|line| line.split_once(" requests in "))?.0;
    let rate = lines.find_map(|line| line.strip_prefix("Requests/sec:"))?;
    let load = Load { requests: requests.parse().ok()?, rate: rate.trim().parse().ok()? };
    (load.requests > 0.0).then_some(load)
}
