//! Compares the address that a proof is for in its normal form: [`TargetAddress`] (RFC 3986, section 6.2).

/// An address without query and fragment, in normal form: equal ones are the same text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TargetAddress(String);

/// The public address of the application, without a slash at the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct BaseAddress(String);

impl BaseAddress {
    /// Parses an address without a query.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let TargetAddress(address) = TargetAddress::parse(text).filter(|_| !text.contains(['?', '#']))?;
        Some(Self(address.trim_end_matches('/').to_owned()))
    }

    /// Returns the address of a request; `None` if its path is not in a form that has only one meaning.
    pub(super) fn with_path(&self, path: &str) -> Option<TargetAddress> {
        let path = unescaped(if path.is_empty() { "/" } else { path })?;
        // The router does not resolve them: `/admin/../page` is not the address `/page` here.
        let has_dots = path.split('/').any(|segment| matches!(segment, "." | ".."));
        (path.starts_with('/') && !has_dots).then(|| TargetAddress(format!("{}{path}", self.0)))
    }
}

impl TargetAddress {
    /// Parses an `http` or `https` address; query and fragment are left out (RFC 9449, section 4.3, step 9).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split(['?', '#']).next()?;
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            _ => return None,
        };
        let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
        let authority = authority_of(authority, default_port)?;
        let path = without_dots(&unescaped(path)?);
        Some(Self(format!("{scheme}://{authority}{path}")))
    }
}

/// Returns host and port in lower case, without the scheme's own port; `None` with a user name.
fn authority_of(text: &str, default_port: &str) -> Option<String> {
    let host_end = match text.strip_prefix('[') {
        Some(literal) => literal.find(']')?.checked_add(2)?,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, port) = text.split_at_checked(host_end)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(literal) => literal.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => "",
        None => return None,
        Some(port) => port,
    };
    let is_port = port.is_empty() || (port.parse::<u16>().is_ok() && !port.starts_with(['0', '+']));
    if !is_host || !is_port {
        return None;
    }
    let host = host.to_ascii_lowercase();
    Some(if port.is_empty() || port == default_port { host } else { format!("{host}:{port}") })
}

/// Returns a path in which only what needs it is percent-encoded, in upper case; `None` if it has other characters
/// than a path can.
fn unescaped(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        rest = rest.get(first.len_utf8()..)?;
        if first == '%' {
            let (digits, after) = rest.split_at_checked(2)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            rest = after;
            let byte = u8::from_str_radix(digits, 16).ok()?;
            if is_unreserved(byte) {
                normal.push(char::from(byte));
            } else {
                normal.push('%');
                normal.push_str(&digits.to_ascii_uppercase());
            }
        } else if first.is_ascii() && is_of_path(first) {
            normal.push(first);
        } else {
            return None;
        }
    }
    Some(normal)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_of_path(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(
            letter,
            '-' | '.'
                | '_'
                | '~'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | ':'
                | '@'
                | '/'
        )
}

/// Removes dot segments (RFC 3986, section 5.2.4); the path of an address is never empty.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => {
                kept.push(segment);
                continue;
            }
        }
        if is_last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        TargetAddress::parse(text).map(|TargetAddress(text)| text)
    }

    #[test]
    fn equal_addresses_have_one_form() {
        for (text, expected) in [
            ("https://server.example/resource", "https://server.example/resource"),
            ("HTTPS://Server.Example:443/resource?x=%zz#y", "https://server.example/resource"),
            ("http://server.example:80", "http://server.example/"),
            ("http://server.example:443/", "http://server.example:443/"),
            ("https://server.example:/a", "https://server.example/a"),
            ("https://server.example?a/b", "https://server.example/"),
            ("https://h/%7Euser/%e2%82%ac%2f", "https://h/~user/%E2%82%AC%2F"),
            // RFC 3986, sections 5.2.4 and 5.4.
            ("https://h/a/b/c/./../../g", "https://h/a/g"),
            ("https://h/a/%2E%2e/g", "https://h/g"),
            ("https://h/../../g", "https://h/g"),
            ("https://h/a/..", "https://h/"),
            ("https://h/a/.", "https://h/a/"),
            ("https://h/a//b/", "https://h/a//b/"),
            ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(expected), "{text}");
            assert_eq!(normal(expected).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_addresses() {
        for text in [
            "",
            "/resource",
            "server.example/resource",
            "//server.example/",
            "ftp://server.example/",
            "https:///resource",
            "https://user@server.example/",
            "https://server.example:0443/",
            "https://server.example:65536/",
            "https://server.example:+443/",
            "https://server.example:x/",
            "https://serv er.example/",
            "https://sérver.example/",
            "https://server%2eexample/",
            "https://[::1/",
            "https://[x]/",
            "https://[::1]x/",
            "https://server.example\\/",
            "https://server.example/é",
            "https://server.example/a b",
            "https://server.example/%",
            "https://server.example/%2",
            "https://server.example/%zz",
            "https://server.example/%+1",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn the_address_of_a_request_is_the_configured_one_and_its_path() {
        let base = BaseAddress::parse("HTTPS://Shop.Example:443/api/").unwrap();
        let of = |path: &str| base.with_path(path).map(|TargetAddress(text)| text);
        assert_eq!(of("/orders/%37").as_deref(), Some("https://shop.example/api/orders/7"));
        assert_eq!(of("").as_deref(), Some("https://shop.example/api/"));
        assert_eq!(of("/").as_deref(), Some("https://shop.example/api/"));
        for path in ["*", "orders", "/a/../b", "/a/%2e%2E/b", "/.", "/\"", "/é", "/%"] {
            assert_eq!(of(path), None, "{path}");
        }
        for text in ["https://h/?a", "https://h/#a", "h", "ftp://h"] {
            assert_eq!(BaseAddress::parse(text), None, "{text}");
        }
    }
}
