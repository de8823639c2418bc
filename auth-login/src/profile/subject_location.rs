//! Describes where a provider's stable id of a user is, and reads it exactly: [`Subject`].

use serde_json::Value;

use super::ProfileError;

/// Where the subject lies. All texts are JSON pointers (RFC 6901) into the profile's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A text or an integer.
    Member(&'static str),
    /// All of these, in this order: joined by `:`, with `%` and `:` inside a part encoded, so that no two
    /// lists of parts give the same subject.
    Compound(&'static [&'static str]),
    /// The first of these that is there.
    FirstOf(&'static [&'static str]),
    /// What follows the last slash of a text: Vimeo's `/users/152184`.
    LastSegment(&'static str),
}

impl Subject {
    pub(super) fn read(self, document: &Value) -> Result<String, ProfileError> {
        let member = |pointer: &str| scalar(document.pointer(pointer).unwrap_or(&Value::Null));
        match self {
            Self::Member(pointer) => member(pointer),
            Self::Compound(pointers) => {
                let parts = pointers.iter().map(|pointer| member(pointer).map(|part| encode(&part)));
                Ok(parts.collect::<Result<Vec<_>, _>>()?.join(":"))
            }
            Self::FirstOf(pointers) => {
                let mut found = pointers.iter().filter_map(|pointer| document.pointer(pointer));
                scalar(found.find(|value| !value.is_null()).unwrap_or(&Value::Null))
            }
            Self::LastSegment(pointer) => {
                let text = document.pointer(pointer).and_then(Value::as_str).ok_or(ProfileError::Subject)?;
                let (_, segment) = text.rsplit_once('/').ok_or(ProfileError::Subject)?;
                if segment.is_empty() { Err(ProfileError::Subject) } else { Ok(segment.to_owned()) }
            }
        }
    }
}

fn encode(part: &str) -> String {
    part.replace('%', "%25").replace(':', "%3A")
}

/// Reads a text, or an integer that was not rounded.
fn scalar(value: &Value) -> Result<String, ProfileError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::Number(number) => {
            let digits = number.as_u64().map(|id| id.to_string());
            digits.or_else(|| number.as_i64().map(|id| id.to_string())).ok_or(ProfileError::InexactSubject)
        }
        _ => Err(ProfileError::Subject),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_exact_or_rejected() {
        let read = |json: &str| Subject::Member("/id").read(&serde_json::from_str(json).unwrap());
        for id in ["0", "7", "9007199254740993", "18446744073709551615", "-3"] {
            assert_eq!(read(&format!(r#"{{"id":{id}}}"#)).unwrap(), id);
        }
        for id in [
            "1.0",
            "1e3",
            "1.5",
            "18446744073709551616",
            "123456789012345678901234567890",
            "-9223372036854775809",
        ] {
            assert_eq!(read(&format!(r#"{{"id":{id}}}"#)), Err(ProfileError::InexactSubject), "{id}");
        }
    }

    #[test]
    fn what_is_not_a_scalar_is_rejected() {
        for id in [json!(null), json!(""), json!(true), json!([]), json!(["a"]), json!({}), json!({"a": 1})] {
            let document = json!({"id": id});
            for rule in [
                Subject::Member("/id"),
                Subject::Compound(&["/id"]),
                Subject::FirstOf(&["/id"]),
                Subject::LastSegment("/id"),
            ] {
                assert_eq!(rule.read(&document), Err(ProfileError::Subject), "{rule:?} {document}");
            }
        }
        assert_eq!(Subject::Member("/id").read(&json!({})), Err(ProfileError::Subject));
    }

    // `a|b` with `c` is not `a` with `b|c`.
    #[test]
    fn compound_subjects_are_injective() {
        let read =
            |a: &str, b: &str| Subject::Compound(&["/a", "/b"]).read(&json!({"a": a, "b": b})).unwrap();
        assert_eq!(read("T1", "U2"), "T1:U2");
        assert_ne!(read("a:b", "c"), read("a", "b:c"));
        assert_ne!(read("a%3Ab", "c"), read("a:b", "c"));
        assert!(Subject::Compound(&["/a", "/b"]).read(&json!({"a": "x"})).is_err());
    }

    #[test]
    fn other_places() {
        let first = Subject::FirstOf(&["/union", "/open"]);
        assert_eq!(first.read(&json!({"union": "u", "open": "o"})).unwrap(), "u");
        assert_eq!(first.read(&json!({"union": null, "open": "o"})).unwrap(), "o");
        // A subject that is there and broken is not replaced by another one.
        assert!(first.read(&json!({"union": "", "open": "o"})).is_err());
        let last = Subject::LastSegment("/uri");
        assert_eq!(last.read(&json!({"uri": "/users/152184"})).unwrap(), "152184");
        for uri in ["", "/users/", "152184"] {
            assert!(last.read(&json!({"uri": uri})).is_err(), "{uri}");
        }
    }
}
