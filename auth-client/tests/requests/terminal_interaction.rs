//! A terminal that opens the user's browser.

#![expect(clippy::unwrap_used, reason = "a test stops where it finds what it does not expect")]
#![cfg(all(feature = "browser", target_os = "linux"))]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use auth_client::{Interaction as _, Terminal};
use reqwest::Url;

const ADDRESS: &str = "https://login.example/authorize?state=a%20b&scope=%24(id)";

/// Run by the tests below in a process of its own, whose `PATH` has another `xdg-open`.
#[test]
#[ignore = "it is run by other tests, in a process of its own"]
fn a_process_that_opens_an_address() {
    let Some(terminal) = env::var_os("TERMINAL_TEST") else { return };
    let terminal = if terminal == "browser" { Terminal::with_browser() } else { Terminal::new() };
    terminal.open(&Url::parse(ADDRESS).unwrap(), Duration::from_mins(5));
}

/// Runs the process with a browser that writes its argument to `opened`, and returns what the process printed.
fn open_with(terminal: &str, folder: &Path) -> String {
    let browser = folder.join("xdg-open");
    let [part, opened] = ["part", "opened"].map(|name| folder.join(name).display().to_string());
    let script =
        format!("#!/bin/sh\nprintf '%s|%s' \"$#\" \"$1\" > '{part}' && /bin/mv '{part}' '{opened}'\n");
    fs::write(&browser, script).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "--nocapture",
            "terminal_interaction::a_process_that_opens_an_address",
        ])
        .env("PATH", folder)
        .env("TERMINAL_TEST", terminal)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_browser_gets_the_address_as_one_argument() {
    let folder = tempfile::tempdir().unwrap();
    let shown = open_with("browser", folder.path());
    assert!(shown.contains(ADDRESS), "{shown}");
    let (opened, began) = (folder.path().join("opened"), Instant::now());
    while !opened.exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "the browser was not started");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(fs::read_to_string(opened).unwrap(), format!("1|{ADDRESS}"));
}

#[test]
fn without_the_option_the_address_is_only_shown() {
    let folder = tempfile::tempdir().unwrap();
    let shown = open_with("terminal", folder.path());
    assert!(shown.contains(ADDRESS) && !folder.path().join("opened").exists(), "{shown}");
}
