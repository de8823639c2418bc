//! Describes where the address of a picture is, or how it is built from parts: [`Picture`].

use serde_json::Value;

use super::display_text;

/// Where the address of a user's picture lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Picture {
    /// The first of these members, JSON pointers (RFC 6901), that is an `https` address.
    Member(&'static [&'static str]),
    /// An address with JSON pointers in braces. Absent if a member is; a member fills one segment of the
    /// path.
    Built(&'static str),
}

impl Picture {
    pub(super) fn read(self, document: &Value) -> Option<String> {
        match self {
            Self::Member(pointers) => display_text::first_address(document, pointers),
            Self::Built(template) => {
                let mut address = String::new();
                let mut rest = template;
                while let Some((before, after)) = rest.split_once('{') {
                    let (pointer, after) = after.split_once('}')?;
                    address.push_str(before);
                    address.push_str(&segment(&display_text::first(document, &[pointer])?)?);
                    rest = after;
                }
                address.push_str(rest);
                display_text::address(&address)
            }
        }
    }
}

/// Ids and hashes are made of these characters; anything else is not one.
fn segment(text: &str) -> Option<String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
    (text.bytes().all(is_allowed) && !text.starts_with('/') && !text.contains("//")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_picture_is_built_from_ids_only() {
        let picture = Picture::Built("https://cdn.example/{/user/id}/{/user/hash}.png");
        let document = json!({"user": {"id": 7, "hash": "a_f3"}});
        assert_eq!(picture.read(&document).unwrap(), "https://cdn.example/7/a_f3.png");
        for hash in [json!(null), json!(""), json!("../x"), json!("a?b"), json!("a.b"), json!({})] {
            assert_eq!(picture.read(&json!({"user": {"id": 7, "hash": hash}})), None, "{hash}");
        }
    }

    #[test]
    fn only_https_addresses_are_pictures() {
        let read = |text: &str| Picture::Member(&["/p"]).read(&json!({"p": text}));
        assert_eq!(read("https://a.example/x.png").unwrap(), "https://a.example/x.png");
        for text in [
            "http://a.example/x",
            "javascript:alert(1)",
            "data:,x",
            "//a.example/x",
            "https://u:p@a.example",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
