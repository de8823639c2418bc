//! Deserializes JSON members that authorization servers send in several forms.
//!
//! An empty text counts as absent (RFC 6749 appendix A requires at least one character), and a number may be
//! sent as text. A member of another type is an error.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Number, Value};

/// Deserializes a text; `null` and an empty text count as absent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// Deserializes a secret; `null`, `false` (which some servers send for "none") and an empty text count as
/// absent.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Bool(false)) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty()).map(SecretString::from)),
        // The error omits the value: it may be a secret.
        Some(_) => Err(de::Error::custom("a member that must be a text is not")),
    }
}

/// Deserializes a non-negative number of seconds, as a number or as text; fractions are truncated.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let found = match Option::<Value>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::Number(number)) => whole_seconds(&number),
        // Use JSON syntax for numbers, so that `inf`, `nan` and `+5` are rejected.
        Some(Value::String(text)) => {
            serde_json::from_str::<Number>(text.trim()).ok().as_ref().and_then(whole_seconds)
        }
        Some(_) => None,
    };
    found.map(Some).ok_or_else(|| de::Error::custom("a number of seconds is not one"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is not negative, and the cast keeps to the ends of the range"
)]
fn whole_seconds(number: &Number) -> Option<u64> {
    number
        .as_u64()
        .or_else(|| number.as_f64().filter(|seconds| *seconds >= 0.0).map(|seconds| seconds as u64))
}

/// Deserializes scopes: separated by blanks (RFC 6749 section 3.3) or commas, or as an array.
///
/// An empty text or array means that no scope was granted. Only a missing member leaves it open.
pub(crate) fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let wrong = || de::Error::custom("scopes are neither a text nor a list of texts");
    match Option::<Value>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(split(&text))),
        Some(Value::Array(values)) => {
            let mut scopes = Vec::new();
            for value in values {
                scopes.extend(value.as_str().ok_or_else(wrong)?.split_whitespace().map(str::to_owned));
            }
            Ok(Some(scopes))
        }
        Some(_) => Err(wrong()),
    }
}

/// Splits at blanks. Commas separate only if there are no blanks: RFC 6749 allows commas in a scope.
fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    let has_commas = text.contains(", ") || !text.contains(char::is_whitespace);
    let is_separator = |letter: char| letter.is_whitespace() || (has_commas && letter == ',');
    text.split(is_separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_three_forms() {
        let read = |json: &str| scopes(&mut serde_json::Deserializer::from_str(json));
        for (json, expected) in [
            (r#""a b""#, &["a", "b"][..]),
            (r#"" a  b ""#, &["a", "b"]),
            (r#""a,b""#, &["a", "b"]),
            (r#""a, b""#, &["a", "b"]),
            (r#""a,b c""#, &["a,b", "c"]),
            (r#"["a","b"]"#, &["a", "b"]),
            (r#"["a b","c"]"#, &["a", "b", "c"]),
            (r#""""#, &[]),
            ("[]", &[]),
        ] {
            assert_eq!(read(json).unwrap().unwrap(), expected, "{json}");
        }
        assert_eq!(read("null").unwrap(), None);
        for json in ["5", "true", "{}", r#"["a",5]"#, r#"["a",null]"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn seconds_are_numbers_or_texts_with_one() {
        let read = |json: &str| seconds(&mut serde_json::Deserializer::from_str(json));
        for (json, expected) in [
            ("60", Some(60)),
            ("60.9", Some(60)),
            (r#""60""#, Some(60)),
            (r#"" 60.5 ""#, Some(60)),
            ("1e300", Some(u64::MAX)),
            (r#""""#, None),
            (r#"" ""#, None),
            ("null", None),
        ] {
            assert_eq!(read(json).unwrap(), expected, "{json}");
        }
        for json in
            ["-1", r#""-1""#, r#""-0.5""#, r#""inf""#, r#""NaN""#, r#""+5""#, r#""5s""#, "true", "[5]"]
        {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
