//! Mail that the newsroom sends: [`Outbox`].
//!
//! It goes to the log or to a file. An application gives it to a mail server.

pub(crate) mod link;

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum MailTo {
    /// To the log
    Log,
    /// To the end of a file
    File(PathBuf),
}

/// Sends mail.
#[derive(Clone, Debug)]
pub(crate) struct Outbox(MailTo);

/// One message.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: &'static str,
    pub(crate) text: String,
}

impl Outbox {
    pub(crate) const fn new(to: MailTo) -> Self {
        Self(to)
    }

    /// Sends a message after the response, so that its time does not tell whether there was one (user
    /// enumeration).
    pub(crate) fn send(&self, mail: Mail) {
        let to = self.0.clone();
        tokio::task::spawn_blocking(move || {
            let Mail { to: address, subject, text } = mail;
            match to {
                MailTo::Log => tracing::info!(address, subject, text, "mail"),
                MailTo::File(path) => {
                    let message = format!("To: {address}\nSubject: {subject}\n\n{text}\n.\n");
                    if let Err(error) = append(&path, &message) {
                        tracing::error!(%error, "mail cannot be written");
                    }
                }
            }
        });
    }
}

fn append(path: &Path, message: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(message.as_bytes())
}
