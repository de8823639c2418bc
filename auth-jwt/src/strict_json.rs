//! Parses JSON of tokens and keys strictly: unique members, at most eight levels deep.

use std::{error::Error, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, map::Entry};

/// The maximum nesting depth of objects and arrays, including the outermost object.
pub(crate) const MAX_DEPTH: usize = 8;
/// The prefix of the member names that `serde_json` uses for numbers (with its feature `arbitrary_precision`,
/// which any crate of the application may enable) and for unparsed values. Members with such names are
/// rejected: they would be mistaken for those.
const PRIVATE: &str = "$serde_json::private::";
const NUMBER_AS_TEXT: &str = "$serde_json::private::Number";

/// An object with unique members.
pub(crate) type Object = Map<String, Value>;

/// Parses one object without trailing text.
///
/// Repeated members are errors at any depth and with any escapes in their names (RFC 8725, section 3.12, and
/// RFC 7519, section 4, leave open which one counts). Names that are private to `serde_json` are errors too.
/// Integers of up to 64 bits stay integers; other numbers become floats, which are never dates.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Object, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|_| JsonError(()))?;
    reader.end().map_err(|_| JsonError(()))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError(())),
    }
}

/// The text is not a strict JSON object. It has no details, because the text must not be quoted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct JsonError(());

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one JSON object without repeated members, at most 8 levels deep")
    }
}

impl Error for JsonError {}

/// Parses a value that is `depth` levels below the outermost one.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH { Err(E::custom("nested too deep")) } else { Ok(Self { depth }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == NUMBER_AS_TEXT && object.is_empty() {
                return members.next_value::<ScannedNumber>().map(|number| Value::Number(number.0));
            }
            if name.starts_with(PRIVATE) {
                return Err(A::Error::custom("a reserved name"));
            }
            match object.entry(name) {
                Entry::Occupied(_) => return Err(A::Error::custom("a member occurs twice")),
                Entry::Vacant(place) => place.insert(members.next_value_seed(inner)?),
            };
        }
        Ok(Value::Object(object))
    }
}

/// A number that `serde_json` has found in the input. It passes the digits as an owned string; it never does
/// that with a string of the input, so a borrowed string is an error.
struct ScannedNumber(Number);

impl<'de> Deserialize<'de> for ScannedNumber {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Digits).map(Self)
    }
}

struct Digits;

impl Visitor<'_> for Digits {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the digits of a number")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Number, E> {
        Err(E::custom("a string of the text"))
    }

    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<Number, E> {
        let number: Number = serde_json::from_str(&digits).map_err(E::custom)?;
        // As text, a number may exceed the range of floats.
        if number.as_f64().is_some() { Ok(number) } else { Err(E::custom("not a number")) }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{IntoDeserializer as _, value::MapDeserializer};

    use super::*;

    /// With `arbitrary_precision`, `serde_json` passes numbers as objects, and reads such objects as numbers.
    #[test]
    fn an_object_is_never_a_number() {
        for name in ["Number", "RawValue", "Something"] {
            for text in [
                format!(r#"{{"exp":{{"$serde_json::private::{name}":"9999999999"}}}}"#),
                format!(r#"{{"exp":{{"\u0024serde_json::private::{name}":"9999999999"}}}}"#),
                format!(r#"{{"exp":{{"$serde_json::private::{name}":"\u0039"}}}}"#),
                format!(r#"{{"exp":{{"$serde_json::private::{name}":9999999999}}}}"#),
                format!(r#"{{"exp":[{{"a":1,"$serde_json::private::{name}":"1"}}]}}"#),
                format!(r#"{{"$serde_json::private::{name}":"{{}}"}}"#),
            ] {
                assert!(!accepts(&text), "{text}");
            }
        }
        assert!(accepts(r#"{"a":{"$serde_json":"1","private::Number":"1"}}"#));
    }

    /// `serde_json` passes a number in this way with `arbitrary_precision`.
    #[test]
    fn numbers_that_are_handed_over_as_text_are_numbers() {
        let number = |digits: &str| {
            let reader: MapDeserializer<'_, _, serde_json::Error> =
                MapDeserializer::new([(NUMBER_AS_TEXT, digits.to_owned())].into_iter());
            Strict { depth: 1 }.deserialize(reader)
        };
        assert_eq!(number("1700000000").unwrap(), Value::from(1_700_000_000));
        assert!(number("x").is_err() && number("\"1\"").is_err());
        let text: Result<ScannedNumber, serde_json::Error> =
            ScannedNumber::deserialize("1".into_deserializer());
        assert!(text.is_err());
    }

    fn accepts(text: &str) -> bool {
        parse_object(text.as_bytes()).is_ok()
    }

    #[test]
    fn objects_are_read_as_they_are() {
        let object = parse_object(br#" {"a":[1,-2,"x",null,true],"b":{"c":18446744073709551615}} "#).unwrap();
        assert_eq!(
            Value::Object(object).to_string(),
            r#"{"a":[1,-2,"x",null,true],"b":{"c":18446744073709551615}}"#
        );
        assert!(accepts("{}"));
    }

    /// At any depth, and with any escapes in the names.
    #[test]
    fn a_member_occurs_once() {
        for text in [
            r#"{"role":"user","role":"admin"}"#,
            r#"{"role":"user","\u0072ole":"admin"}"#,
            r#"{"role":"user","r\u006fle":"user"}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"":1,"":1}"#,
            r#"{"a":1,"b":2,"a":null}"#,
            r#"{"\/":1,"/":2}"#,
            r#"{"\u00e9":1,"é":2}"#,
            r#"{"\ud83d\ude00":1,"😀":2}"#,
        ] {
            assert!(!accepts(text), "{text}");
        }
        // Confusable names are different names.
        for text in [r#"{"role":1,"Role":2}"#, r#"{"a":{"b":1},"b":2}"#, "{\"\u{e9}\":1,\"e\u{301}\":2}"] {
            assert!(accepts(text), "{text}");
        }
    }

    #[test]
    fn nesting_ends_at_eight_levels() {
        let objects = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let arrays =
            |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(accepts(&objects(MAX_DEPTH)) && accepts(&arrays(MAX_DEPTH)));
        assert!(!accepts(&objects(MAX_DEPTH + 1)) && !accepts(&arrays(MAX_DEPTH + 1)));
        assert!(!accepts(&objects(100_000)) && !accepts(&"[".repeat(1_000_000)));
    }

    #[test]
    fn only_one_object_and_only_json() {
        for text in [
            "",
            " ",
            "null",
            "1",
            r#""x""#,
            "[]",
            "[{}]",
            "{",
            "}",
            "{}{}",
            "{} x",
            "{},",
            "{a:1}",
            "{'a':1}",
            r#"{"a":1,}"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":01}"#,
            r#"{"a":+1}"#,
            r#"{"a":.5}"#,
            r#"{"a":NaN}"#,
            r#"{"a":1e999}"#,
            r#"{"a":0x1}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\n\"}",
            "{\"a\":\"\0\"}",
            "\u{feff}{}",
            "{}\u{a0}",
            "{}\0",
            r#"{/**/"a":1}"#,
            r#"{"a":True}"#,
        ] {
            assert!(!accepts(text), "{text:?}");
        }
        assert!(parse_object(b"{\"a\":\"\xff\"}").is_err() && parse_object(b"{\"\xc0\xaf\":1}").is_err());
    }

    /// A number that is not a 64-bit integer never becomes one.
    #[test]
    fn integers_stay_integers() {
        let number = |text: &str| parse_object(format!(r#"{{"n":{text}}}"#).as_bytes()).unwrap()["n"].clone();
        assert_eq!(number("9007199254740993").as_u64(), Some(9_007_199_254_740_993));
        for text in ["1.0", "1e3", "1E0", "18446744073709551616", "-9223372036854775809", "-0.0", "1e-7"] {
            assert!(number(text).as_i64().is_none() && number(text).as_u64().is_none(), "{text}");
        }
    }
}
