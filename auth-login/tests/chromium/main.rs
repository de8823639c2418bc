//! Log-ins in Chromium, headless, driven through `ChromeDriver`: what cookies, history, caches and forms of a
//! real browser do with the pages.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it finds what it does not expect"
)]

mod browser;
mod cross_site;
mod example;
mod history;
mod login;
mod logout;
mod pages;
mod peer;
mod scriptless;
mod server;
mod setup;
mod strict;
