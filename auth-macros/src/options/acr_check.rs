//! Checks authentication contexts, the values of `acr`.

/// How many a guard accepts at most: they go into addresses and headers.
pub(super) const MOST: usize = 8;
/// The longest one, in bytes.
const LONGEST: usize = 128;

/// Checks one context, by the rules of `auth_runtime::identity::Acr`.
pub(super) fn check(text: &str) -> Result<(), String> {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if text.is_empty() {
        return Err("the authentication context is empty; write for example `phr`".to_owned());
    }
    if text.contains(' ') && text.bytes().all(|byte| byte == b' ' || is_allowed(byte)) {
        let list: Vec<String> = text.split_ascii_whitespace().map(|word| format!("\"{word}\"")).collect();
        return Err(format!(
            "an authentication context has no space; write a list, as in `acr = [{}]`",
            list.join(", ")
        ));
    }
    if !text.bytes().all(is_allowed) {
        let text = text.escape_default();
        return Err(format!(
            "`{text}` is not an authentication context; write visible ASCII without `\"` and `\\`"
        ));
    }
    if text.len() > LONGEST {
        return Err(format!("this authentication context is too long; write at most {LONGEST} bytes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn contexts_are_visible_ascii() {
        for text in ["0", "phr", "urn:mace:incommon:iap:silver", &"x".repeat(128)] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for (text, message) in [
            ("", "the authentication context is empty; write for example `phr`"),
            ("a b", "an authentication context has no space; write a list, as in `acr = [\"a\", \"b\"]`"),
            (
                "\u{e4}",
                "`\\u{e4}` is not an authentication context; write visible ASCII without `\"` and `\\`",
            ),
            ("a\t", "`a\\t` is not an authentication context; write visible ASCII without `\"` and `\\`"),
            (&"x".repeat(129), "this authentication context is too long; write at most 128 bytes"),
        ] {
            assert_eq!(check(text), Err(message.to_owned()), "{text}");
        }
    }
}
