//! `Target`: a served route, and plain requests to it.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::Result;

const TIMEOUT: Duration = Duration::from_secs(5);

/// A route on a port of its own, and the header that its guard accepts.
#[derive(Deserialize, Serialize)]
pub(crate) struct Target {
    /// The name of its case
    pub(crate) name: String,
    /// Which headers its requests carry
    pub(crate) headers: String,
    /// It is the route that all others with the same headers are compared with
    pub(crate) unguarded: bool,
    /// The header line that carries the credential
    pub(crate) credential: String,
    /// The port on 127.0.0.1
    pub(crate) port: u16,
}

impl Target {
    /// Checks that the route answers 200 with the credential, and without it 401 or 403 if it is guarded.
    ///
    /// # Errors
    ///
    /// If it does not; another route would be measured than the table says.
    pub(crate) fn verify(&self) -> Result<()> {
        let (with, _) = get(self.port, &self.credential)?;
        let (without, _) = get(self.port, "")?;
        let expected = if self.unguarded { without == 200 } else { matches!(without, 401 | 403) };
        if with == 200 && expected {
            return Ok(());
        }
        Err(format!("{}: answers {with} with its credential and {without} without", self.name).into())
    }
}

/// Sends `GET /` with this header line, and returns status and body.
///
/// # Errors
///
/// If the response does not arrive whole within five seconds or is not HTTP/1.1.
pub(crate) fn get(port: u16, header: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let end = if header.is_empty() { "" } else { "\r\n" };
    write!(stream, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}{end}\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or("the response is not whole")?;
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|head| head.get(..3)).ok_or("not HTTP/1.1")?;
    Ok((status.parse()?, body.to_owned()))
}
