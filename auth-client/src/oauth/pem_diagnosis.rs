//! Explains why a PEM text is not the private key of a client.

/// Labels of PEM blocks in the order of the search, and the remedy for each.
const FOUND: [(&str, &str); 8] = [
    (
        "ENCRYPTED",
        "the client's private key is encrypted; decrypt it with `openssl pkey -in key.pem -out decrypted.pem`",
    ),
    (
        "-----BEGIN EC PRIVATE KEY-----",
        "the client's private key is in SEC1 form; convert it with \
         `openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem`",
    ),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "the client's private key is in OpenSSH form; convert it with `ssh-keygen -p -m PKCS8 -f key.pem`",
    ),
    (
        "-----BEGIN PRIVATE KEY-----",
        "the client's private key cannot be read; it is damaged or for another algorithm",
    ),
    (
        "-----BEGIN RSA PRIVATE KEY-----",
        "the client's private key cannot be read; it is an RSA key, and damaged or for another algorithm",
    ),
    (
        "-----BEGIN CERTIFICATE",
        "this is a certificate, which holds no private key; find the key that belongs to it",
    ),
    ("PUBLIC KEY-----", "this is a public key, and the client signs with a private one"),
    ("-----BEGIN ", "the PEM block of the client's private key is of another kind; see its BEGIN line"),
];

/// Returns the reason, without any part of the text.
pub(super) fn explain(pem: &[u8]) -> &'static str {
    let Ok(text) = str::from_utf8(pem) else {
        return "the client's private key is not text; convert DER with `openssl pkey -inform DER -in key.der`";
    };
    if text.contains(r"\n") {
        return r#"the line breaks of the client's private key are written as `\n`; convert them with `printf '%b' "$KEY"`"#;
    }
    let found = FOUND.iter().find(|(label, _)| text.contains(label));
    found.map_or("the client's private key is not PEM: it has no line `-----BEGIN …-----`", |(_, why)| why)
}
