//! Parses the headers by which proxies pass a client certificate on.

use base64::{Engine as _, engine::general_purpose::STANDARD};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Parses a byte sequence of structured fields: `:MII…:` (RFC 9440, section 2.1; RFC 9651, section 3.3.5).
pub(super) fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    der(text.strip_prefix(':')?.strip_suffix(':')?)
}

/// Parses an URL-encoded certificate in PEM; the chain after it is ignored.
pub(super) fn escaped_pem(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let pem = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    let body = pem.trim_start().strip_prefix(BEGIN)?;
    let (body, _) = body.split_once(END)?;
    let lines: String = body.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    der(&lines)
}

/// Parses the member `Cert` of the only element of `X-Forwarded-Client-Cert`.
pub(super) fn forwarded(text: &str) -> Option<Vec<u8>> {
    let mut found = None;
    let mut rest = text;
    loop {
        let (name, value) = rest.split_once('=')?;
        let end;
        let value = if let Some(quoted) = value.strip_prefix('"') {
            let close = closing_quote(quoted)?;
            let (inner, after) = quoted.split_at_checked(close)?;
            end = after.strip_prefix('"')?;
            inner
        } else {
            let close = value.find([';', ',', '"']).unwrap_or(value.len());
            let (inner, after) = value.split_at_checked(close)?;
            end = after;
            inner
        };
        if name.eq_ignore_ascii_case("cert") && found.replace(escaped_pem(value)?).is_some() {
            return None;
        }
        match end.strip_prefix(';') {
            Some(next) => rest = next,
            // A comma separates elements; the first would be that of a client.
            None if end.is_empty() => return found,
            None => return None,
        }
    }
}

/// Returns the index of the quote that ends a string in which `\"` is a quote.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// Decodes canonical base64 of a certificate, which is one sequence in DER.
fn der(base64: &str) -> Option<Vec<u8>> {
    let der = STANDARD.decode(base64).ok()?;
    super::der::is_sequence(&der).then_some(der)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9440, figure 3.
    const RFC: &str = concat!(
        ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEl",
        "udGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQY",
        "IKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M",
        "6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgY",
        "IKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK",
        "0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:"
    );

    fn escaped(der: &[u8]) -> String {
        let mut pem = BEGIN.to_owned();
        let text = STANDARD.encode(der);
        for line in text.as_bytes().chunks(64) {
            pem.push('\n');
            pem.push_str(std::str::from_utf8(line).unwrap());
        }
        pem.push('\n');
        pem.push_str(END);
        pem.push('\n');
        percent_encoding::utf8_percent_encode(&pem, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn the_certificate_of_the_rfc_is_read_in_all_forms() {
        let der = byte_sequence(RFC).unwrap();
        assert_eq!(der.len(), 428);
        assert_eq!(escaped_pem(&escaped(&der)), Some(der.clone()));
        let chain = format!("{0}{0}", escaped(&der));
        assert_eq!(escaped_pem(&chain), Some(der.clone()), "the first is the client's");
        for element in [
            format!("Cert=\"{}\"", escaped(&der)),
            format!(
                "By=spiffe://a;Hash=0a;Cert=\"{}\";Subject=\"CN=\\\"x\\\";,Cert=\";URI=spiffe://b",
                escaped(&der)
            ),
            format!("cert={}", escaped(&der)),
        ] {
            assert_eq!(forwarded(&element), Some(der.clone()), "{element}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        let der = byte_sequence(RFC).unwrap();
        let inner = &RFC[1..RFC.len() - 1];
        for bad in [
            inner.to_owned(),
            format!(":{inner}"),
            format!(":{inner}:;a=1"),
            format!(":{inner}:, :{inner}:"),
            format!(":{}:", inner.trim_end_matches('=')),
            format!(":{inner} :"),
            "::".to_owned(),
            ":AAAA:".to_owned(),
            format!(":{}:", STANDARD.encode([&der[..], b"x"].concat())),
            format!(":{}:", STANDARD.encode(&der[..der.len() - 1])),
        ] {
            assert_eq!(byte_sequence(&bad), None, "{bad}");
        }
        let good = escaped(&der);
        for bad in [
            String::new(),
            good.replace("CERTIFICATE", "CERTIFICATES"),
            good.replace("%2D%2D%2D%2D%2DEND", ""),
            format!("x{good}"),
            good.replace("%0A", " "),
            STANDARD.encode(&der),
        ] {
            assert_eq!(escaped_pem(&bad), None, "{bad}");
        }
        for bad in [
            String::new(),
            "By=x".to_owned(),
            format!("Cert=\"{good}"),
            format!("Cert=\"{good}\";Cert=\"{good}\""),
            format!("Cert=\"{good}\",Cert=\"{good}\""),
            format!("By=x,Cert=\"{good}\""),
            format!("Cert=\"{good}\"x"),
            format!("Cert=\"{good}\";"),
        ] {
            assert_eq!(forwarded(&bad), None, "{bad}");
        }
    }
}
