//! Parses the head of an HTTP request.

use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// The maximum length of a request head, in bytes.
const LONGEST_HEAD: usize = 8 * 1024;

/// The parts of a request head that are needed.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) hosts: Vec<Vec<u8>>,
}

/// Reads a request head. Returns `None` if it is not HTTP or too long.
pub(super) async fn read(stream: &mut TcpStream) -> Option<Head> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await.ok()?;
        bytes.extend_from_slice(piece.get(..length)?);
        if length == 0 || bytes.len() > LONGEST_HEAD {
            return None;
        }
        match parse(&bytes) {
            Parsed::Head(head) => return Some(head),
            Parsed::Part => {}
            Parsed::Nonsense => return None,
        }
    }
}

pub(super) enum Parsed {
    Head(Head),
    /// An incomplete head.
    Part,
    Nonsense,
}

pub(super) fn parse(bytes: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let is_partial = match request.parse(bytes) {
        Ok(status) => status.is_partial(),
        Err(_) => return Parsed::Nonsense,
    };
    match (request.method, request.path) {
        _ if is_partial => Parsed::Part,
        (Some(method), Some(target)) => Parsed::Head(Head {
            method: method.to_owned(),
            target: target.to_owned(),
            hosts: request
                .headers
                .iter()
                .filter(|header| header.name.eq_ignore_ascii_case("host"))
                .map(|header| header.value.to_vec())
                .collect(),
        }),
        _ => Parsed::Nonsense,
    }
}
