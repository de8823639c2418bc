//! Parses JSON from other hosts without repeated members and without the private names of `serde_json`.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};

/// The prefix of the member names that `serde_json` uses for numbers (with its feature `arbitrary_precision`,
/// which any crate of the application may enable) and for unparsed values.
const PRIVATE: &str = "$serde_json::private::";

/// Parses JSON from outside into any kind of value.
///
/// # Errors
///
/// Fails if the bytes are not one JSON text in UTF-8, and if a member at any depth
///
/// - occurs twice: parsers differ in which one counts;
/// - has a name that `serde_json` keeps for itself: with its feature `arbitrary_precision`, which any crate of
///   an application may enable, an object with such a name is read as a number.
pub fn json_value(bytes: &[u8]) -> Result<serde_json::Value, crate::Error> {
    let read = || {
        let text = str::from_utf8(bytes).map_err(serde_json::Error::custom)?;
        serde_json::from_str::<Checked<true>>(text)?;
        serde_json::from_str(text)
    };
    // The text of the error could quote the response.
    read().map_err(|_: serde_json::Error| crate::Error::protocol("the response is not acceptable JSON"))
}

/// Parses a JSON object.
///
/// Rejects an array, which `serde` would accept for an object. Rejects members at any depth whose name is
/// private to `serde_json`, which it would read as numbers. A repeated member is an error if `T` has it.
pub(crate) fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(serde_json::Error::custom("expected an object"));
    }
    // Parse as text: from bytes, skipped values would not have to be UTF-8.
    let text = str::from_utf8(bytes).map_err(serde_json::Error::custom)?;
    serde_json::from_str::<Checked<false>>(text)?;
    serde_json::from_str(text)
}

/// A value without private names; if `UNIQUE`, without repeated members, too.
struct Checked<const UNIQUE: bool>;

impl<'de, const UNIQUE: bool> Deserialize<'de> for Checked<UNIQUE> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Names::<UNIQUE>)
    }
}

struct Names<const UNIQUE: bool>;

impl<'de, const UNIQUE: bool> Visitor<'de> for Names<UNIQUE> {
    type Value = Checked<UNIQUE>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without reserved names")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<Checked<UNIQUE>>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if name.starts_with(PRIVATE) {
                members.next_value::<ScannedNumber>()?;
            } else {
                members.next_value::<Checked<UNIQUE>>()?;
            }
            if UNIQUE && !seen.insert(name) {
                return Err(A::Error::custom("a member is repeated"));
            }
        }
        Ok(Checked)
    }
}

/// A number that `serde_json` has found in the input. It passes the digits as an owned string; it never does
/// that with a string of the input, so a borrowed string is an error.
struct ScannedNumber;

impl<'de> Deserialize<'de> for ScannedNumber {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Digits)
    }
}

struct Digits;

impl Visitor<'_> for Digits {
    type Value = ScannedNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the digits of a number")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<ScannedNumber, E> {
        Err(E::custom("a string of the text"))
    }

    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<ScannedNumber, E> {
        serde_json::from_str::<serde_json::Number>(&digits).map(|_| ScannedNumber).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{IgnoredAny, value::MapDeserializer};

    use super::*;

    #[test]
    fn values_of_all_kinds_are_read_without_reserved_names() {
        for text in ["[1]", "\"a\"", "{\"a\":[{}]}", " null "] {
            assert_eq!(
                json_value(text.as_bytes()).unwrap(),
                serde_json::from_str::<serde_json::Value>(text).unwrap()
            );
        }
        for bytes in
            [&b""[..], b"[1", b"[1]x", b"\"\xff\"", br#"[{"a":{"$serde_json::private::Number":"1"}}]"#]
        {
            assert!(json_value(bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }

    // Parsers differ in which of two members counts, so no decision may rest on one of them.
    #[test]
    fn a_repeated_member_is_rejected_at_any_depth() {
        for text in [r#"{"sub":"a","sub":"a"}"#, r#"{"x":[{"a":1,"b":2,"a":3}]}"#, r#"{"a":1,"\u0061":2}"#] {
            assert!(json_value(text.as_bytes()).is_err(), "{text}");
        }
        assert!(json_value(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#).is_ok());
        assert!(object::<IgnoredAny>(br#"{"a":1,"a":2}"#).is_ok(), "the type decides");
    }

    #[test]
    fn only_whole_objects_of_text_are_read() {
        let read = |bytes: &[u8]| object::<IgnoredAny>(bytes).is_ok();
        assert!(read(b" {\"a\":\"\xc3\xa9\"} "));
        for bytes in [&b"[]"[..], b"", b"{", b"{}{}", b"{} x", b"{\"a\":\"\xe9\"}", b"{\"\xff\":1}"] {
            assert!(!read(bytes), "{}", bytes.escape_ascii());
        }
    }

    /// With `arbitrary_precision`, `serde_json` passes numbers as objects, and reads such objects as numbers.
    #[test]
    fn an_object_is_never_a_number() {
        let read = |text: &str| object::<IgnoredAny>(text.as_bytes()).is_ok();
        for name in ["Number", "RawValue"] {
            for text in [
                format!(r#"{{"expires_in":{{"$serde_json::private::{name}":"3600"}}}}"#),
                format!(r#"{{"expires_in":{{"\u0024serde_json::private::{name}":"\u0033"}}}}"#),
                format!(r#"{{"extra":[{{"a":1,"$serde_json::private::{name}":3600}}]}}"#),
                format!(r#"{{"$serde_json::private::{name}":"3600"}}"#),
            ] {
                assert!(!read(&text), "{text}");
            }
        }
        assert!(read(r#"{"a":[1,-1,1.5,null,true,"$serde_json::private::Number",{"b":{}}]}"#));
        // `serde_json` passes a number in this way with that feature.
        let reader: MapDeserializer<'_, _, serde_json::Error> =
            MapDeserializer::new([("$serde_json::private::Number", "3600".to_owned())].into_iter());
        assert!(Checked::<true>::deserialize(reader).is_ok());
    }
}
