//! Parses PEM (RFC 7468), and explains what a text is instead.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{JwtKeyError, JwtKeyErrorKind};

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// A block and its label.
struct Block<'a> {
    label: &'a str,
    body: &'a str,
    /// The text after the block
    rest: &'a str,
}

/// Parses the only block of a text; its label must be one of `labels`. Returns the label and the content.
/// Text before and after it, such as the attributes of `openssl pkcs12` and a byte order mark, is ignored
/// (RFC 7468, section 5.2).
pub(crate) fn decode<'l>(
    text: &[u8],
    labels: &[&'l str],
) -> Result<(&'l str, Zeroizing<Vec<u8>>), JwtKeyError> {
    let text = std::str::from_utf8(text).map_err(|_| JwtKeyError::malformed(not_text(text)))?;
    let block = block(text)?;
    if block.rest.contains(BEGIN) {
        return Err(JwtKeyError::malformed(several(&block)));
    }
    let Some(label) = labels.iter().find(|label| **label == block.label) else {
        return Err(other(block.label, labels));
    };
    if block.body.contains("ENCRYPTED") {
        return Err(JwtKeyError::malformed(ENCRYPTED));
    }
    let mut letters = Zeroizing::new(Vec::with_capacity(block.body.len()));
    letters.extend(block.body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let damaged = |_| JwtKeyError::malformed("the base64 of the PEM block is damaged");
    STANDARD.decode(letters.as_slice()).map(|der| (*label, Zeroizing::new(der))).map_err(damaged)
}

fn block(text: &str) -> Result<Block<'_>, JwtKeyError> {
    let starts_line =
        |before: &str| before.is_empty() || before.ends_with(|c: char| c == '\u{feff}' || c.is_whitespace());
    let (_, rest) = text
        .match_indices(BEGIN)
        .filter_map(|(index, _)| text.split_at_checked(index))
        .find(|(before, _)| starts_line(before))
        .and_then(|(_, block)| block.split_at_checked(BEGIN.len()))
        .ok_or(JwtKeyError::malformed(without_block(text)))?;
    let cut_off = JwtKeyError::malformed("the PEM block has no matching END line; the text is cut off");
    let (label, rest) = rest.split_once(DASHES).ok_or(cut_off)?;
    let (body, rest) = rest.split_once("-----END ").ok_or(cut_off)?;
    let rest = rest.strip_prefix(label).and_then(|rest| rest.strip_prefix(DASHES)).ok_or(cut_off)?;
    if body.contains(r"\n") {
        return Err(JwtKeyError::malformed(
            r#"the line breaks of the PEM text are written as `\n`; convert them with `printf '%b' "$KEY"`"#,
        ));
    }
    Ok(Block { label, body, rest })
}

const ENCRYPTED: &str =
    "the private key is encrypted; decrypt it with `openssl pkey -in key.pem -out decrypted.pem`";
const SEC1: &str = "the private key is in SEC1 form (`BEGIN EC PRIVATE KEY`); convert it with \
                    `openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem`";

/// Explains bytes that are not UTF-8.
fn not_text(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            "the text is in UTF-16; convert it with `iconv -f UTF-16 -t UTF-8`"
        }
        [0x30, ..] => "this is DER, not PEM; read it with `from_der`",
        _ => "this is not PEM: it is not text",
    }
}

/// Explains a text without a block.
fn without_block(text: &str) -> &'static str {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        "this is JSON, not PEM; read a public JWK with `VerifyingKey::from_jwk`"
    } else {
        "this is not PEM: it has no line `-----BEGIN …-----`"
    }
}

/// Explains several blocks.
fn several(first: &Block<'_>) -> &'static str {
    // The curve's parameters, which `openssl ecparam -genkey` writes first.
    if first.label == "EC PARAMETERS" && first.rest.contains("-----BEGIN EC PRIVATE KEY-----") {
        SEC1
    } else {
        "the text has several PEM blocks; keep the one with the key"
    }
}

/// Explains another kind of block, and how to convert it.
fn other(found: &str, wanted: &[&str]) -> JwtKeyError {
    let wants_public = wanted.contains(&"PUBLIC KEY");
    let malformed = JwtKeyError::malformed;
    match found {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" if wants_public => {
            JwtKeyError::new(
                JwtKeyErrorKind::Private,
                "this is a private key, and a public one verifies; make it with \
                 `openssl pkey -in key.pem -pubout -out public.pem`",
            )
        }
        "CERTIFICATE" if wants_public => malformed(
            "this is a certificate; extract its public key with `openssl x509 -in cert.pem -noout -pubkey`",
        ),
        "CERTIFICATE" => {
            malformed("this is a certificate, which holds no private key; find the key that belongs to it")
        }
        "CERTIFICATE REQUEST" => malformed("this is a certificate request, not a key"),
        "ENCRYPTED PRIVATE KEY" => malformed(ENCRYPTED),
        "EC PRIVATE KEY" => malformed(SEC1),
        "EC PARAMETERS" => malformed("these are the parameters of a curve, without a key"),
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => {
            malformed("this is an RSA key, and the algorithm is not for RSA")
        }
        "PUBLIC KEY" => JwtKeyError::new(
            JwtKeyErrorKind::Public,
            "this is a public key, and a private one (`BEGIN PRIVATE KEY`) signs",
        ),
        "OPENSSH PRIVATE KEY" => malformed(
            "the private key is in OpenSSH form; convert it with `ssh-keygen -p -m PKCS8 -f key.pem`",
        ),
        _ => malformed("the PEM block is of another kind; see its BEGIN line"),
    }
}

/// Formats a private key.
pub(super) fn encode_private(der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.as_str()))
}
