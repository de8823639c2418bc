//! A newsroom: people with roles, articles that are written, reviewed and published, and the rules about
//! them.
//!
//! `README.md` beside `Cargo.toml` says how to start it and where each part is.

#![forbid(unsafe_code)]

mod api;
mod app;
mod articles;
mod comments;
mod config;
mod error;
mod feed;
mod mail;
mod operators;
mod pages;
mod people;
mod provider;
mod roles;
mod state;
mod store;
mod task;
mod transfers;

pub use app::{app, serve};
pub use config::{Config, audit_keys};
pub use mail::MailTo;
pub use roles::Role;
pub use store::demo::{DEMO_PASSWORD, DEMO_PEOPLE, DemoPerson};
