//! Reads the groups of a user from a path into JSON: [`GroupPath`].

use std::{borrow::Cow, error::Error, fmt};

use serde_json::Value;

use crate::{acl::Groups, events};

/// The place of a list of groups in JSON: in the claims of a token or in the data of a session.
///
/// | text | place |
/// |---|---|
/// | `/realm_access/roles` | a JSON pointer (RFC 6901) |
/// | `realm_access.roles` | the same as a dotted path |
/// | `roles` | one member |
///
/// The value is a list of texts, or one text for one group. If a member on the way is missing, there are no
/// groups. Any other value, `null` included, is malformed.
///
/// # Example
///
/// ```
/// use auth_runtime::authorization::GroupPath;
///
/// const ROLES: GroupPath = GroupPath::from_static("/realm_access/roles"); // checked by the compiler
///
/// assert!(GroupPath::parse("realm_access.roles").is_ok());
/// assert!(GroupPath::parse("realm_access..roles").is_err());
/// # let _ = ROLES;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct GroupPath {
    text: Cow<'static, str>,
    /// The text is the name of one member, with any characters
    is_name: bool,
}

/// The text is neither a JSON pointer nor a dotted path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidGroupPath(());

impl fmt::Display for InvalidGroupPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(INVALID)
    }
}

impl Error for InvalidGroupPath {}

const INVALID: &str =
    "this is not a path in JSON; write a pointer such as `/realm_access/roles`, or `realm_access.roles`";

/// A value that is not a list of groups.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed(&'static str);

impl GroupPath {
    /// Parses a JSON pointer, which begins with `/`, or else a dotted path.
    ///
    /// # Errors
    ///
    /// Fails for a pointer with a `~` that is not `~0` or `~1`, and for a dotted path with an empty name.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidGroupPath> {
        let text = text.into();
        if !is_path(text.as_bytes()) {
            return Err(InvalidGroupPath(()));
        }
        Ok(Self { text: text.into(), is_name: false })
    }

    /// Parses as [`parse`](Self::parse) does; the compiler checks a constant.
    ///
    /// ```compile_fail,E0080
    /// use auth_runtime::authorization::GroupPath;
    ///
    /// const ROLES: GroupPath = GroupPath::from_static("realm_access..roles"); // a name is empty
    /// # let _ = ROLES;
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the text is not a path.
    #[track_caller]
    pub const fn from_static(text: &'static str) -> Self {
        assert!(is_path(text.as_bytes()), "{}", INVALID);
        Self { text: Cow::Borrowed(text), is_name: false }
    }

    /// Names one member, whose name may have `.` and `/`, such as `https://shop.example/roles`.
    pub fn name(name: impl Into<Cow<'static, str>>) -> Self {
        Self { text: name.into(), is_name: true }
    }

    /// Returns the name of the first member.
    #[doc(hidden)]
    #[must_use]
    pub fn first(&self) -> Cow<'_, str> {
        self.steps().next().unwrap_or_default()
    }

    /// Reads the groups; `first` is the value of the [first](Self::first) member. `None` if it is malformed, which
    /// is logged.
    #[doc(hidden)]
    #[must_use]
    pub fn groups(&self, first: Option<&Value>, prefix: &str) -> Option<Groups> {
        match self.find(first).and_then(|list| list.map_or(Ok(Groups::none()), |list| read(list, prefix))) {
            Ok(groups) => Some(groups),
            Err(Malformed(found)) => {
                events::malformed_groups(&self.text, found);
                None
            }
        }
    }

    fn find<'v>(&self, first: Option<&'v Value>) -> Result<Option<&'v Value>, Malformed> {
        let Some(mut value) = first else { return Ok(None) };
        for step in self.steps().skip(1) {
            let next = match value {
                Value::Object(members) => members.get(&*step),
                Value::Array(items) => index(&step).and_then(|index| items.get(index)),
                other => return Err(Malformed(type_of(other))),
            };
            let Some(next) = next else { return Ok(None) };
            value = next;
        }
        Ok(Some(value))
    }

    fn steps(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let pointer = self.text.strip_prefix('/').filter(|_| !self.is_name);
        let (text, separator) = match pointer {
            Some(text) => (text, Some('/')),
            None => (&*self.text, (!self.is_name).then_some('.')),
        };
        let is_pointer = pointer.is_some();
        text.split(move |c| Some(c) == separator).map(move |step| {
            let is_escaped = is_pointer && step.contains('~');
            if is_escaped { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
        })
    }
}

/// Returns whether the text is a pointer with valid escapes, or a dotted path without an empty name.
const fn is_path(mut text: &[u8]) -> bool {
    let is_pointer = matches!(text, [b'/', ..]);
    let mut is_start = true;
    while let [byte, rest @ ..] = text {
        let is_valid = match byte {
            b'~' if is_pointer => matches!(rest, [b'0' | b'1', ..]),
            b'.' if !is_pointer => !is_start && !rest.is_empty(),
            _ => true,
        };
        if !is_valid {
            return false;
        }
        is_start = *byte == b'.';
        text = rest;
    }
    is_pointer || !is_start
}

/// Parses the index of an item (RFC 6901, section 4): no sign and no leading zero.
fn index(step: &str) -> Option<usize> {
    let is_index = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    step.parse().ok().filter(|_| is_index)
}

fn read(list: &Value, prefix: &str) -> Result<Groups, Malformed> {
    let items = match list {
        Value::Array(items) => items.as_slice(),
        Value::String(_) => std::slice::from_ref(list),
        other => return Err(Malformed(type_of(other))),
    };
    let mut groups = Groups::none();
    for item in items {
        match item {
            Value::String(name) if prefix.is_empty() => groups.insert(name.as_str()),
            Value::String(name) => groups.insert(format!("{prefix}{name}").as_str()),
            other => return Err(Malformed(item_of(other))),
        }
    }
    Ok(groups)
}

const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

const fn item_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "a list with null",
        Value::Bool(_) => "a list with a boolean",
        Value::Number(_) => "a list with a number",
        Value::String(_) => "a list with a text",
        Value::Array(_) => "a list with a list",
        Value::Object(_) => "a list with an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_at(path: &str, root: &Value) -> Result<Groups, Malformed> {
        let path = GroupPath::parse(path).unwrap();
        let list = path.find(root.get(&*path.first()))?;
        list.map_or(Ok(Groups::none()), |list| read(list, ""))
    }

    fn names(groups: &Groups) -> Vec<String> {
        let mut names: Vec<_> = groups.iter().map(|name| name.to_string()).collect();
        names.sort();
        names
    }

    #[test]
    fn paths_are_pointers_or_dotted() {
        for text in
            ["roles", "a.b", "/", "/a", "/a/b", "/a//b", "/a~0b", "/a~1b", "a~b", "a/b", "/a.b", "/.."]
        {
            assert!(GroupPath::parse(text).is_ok(), "{text}");
        }
        for text in ["", ".", ".a", "a.", "a..b", "/~", "/a~2", "/a~"] {
            assert_eq!(GroupPath::parse(text), Err(InvalidGroupPath(())), "{text}");
        }
    }

    #[test]
    fn every_form_names_its_members() {
        let root = json!({
            "realm_access": { "roles": ["a", "b"], "x/y": { "m~n": ["c"] } },
            "one": "d e",
            "https://shop.example/roles": ["f"],
            "list": [["g"], ["h"]],
            "": ["i"],
        });
        for (path, expected) in [
            ("realm_access.roles", &["a", "b"][..]),
            ("/realm_access/roles", &["a", "b"]),
            ("/realm_access/x~1y/m~0n", &["c"]),
            ("one", &["d e"]),
            ("/https:~1~1shop.example~1roles", &["f"]),
            ("/list/1", &["h"]),
            ("/list/01", &[]),
            ("/list/2", &[]),
            ("/list/-", &[]),
            ("/", &["i"]),
            ("missing", &[]),
            ("realm_access.missing", &[]),
            ("realm_access.missing.further", &[]),
        ] {
            assert_eq!(names(&read_at(path, &root).unwrap()), expected, "{path}");
        }
        let path = GroupPath::name("https://shop.example/roles");
        assert_eq!(path.first(), "https://shop.example/roles");
        let groups = path.groups(root.get("https://shop.example/roles"), "idp:").unwrap();
        assert_eq!(names(&groups), ["idp:f"]);
        let slashed = GroupPath::name("/a~2");
        assert_eq!(slashed.first(), "/a~2");
    }

    #[test]
    fn anything_but_texts_is_malformed() {
        for (value, found) in [
            (json!(7), "a number"),
            (json!(null), "null"),
            (json!(true), "a boolean"),
            (json!({}), "an object"),
            (json!(["a", 7]), "a list with a number"),
            (json!([["a"]]), "a list with a list"),
            (json!([null]), "a list with null"),
            (json!(["a", {}]), "a list with an object"),
            (json!([false]), "a list with a boolean"),
        ] {
            assert_eq!(
                read_at("roles", &json!({ "roles": value })).unwrap_err(),
                Malformed(found),
                "{value}"
            );
        }
        // A member on the way that has no members.
        assert_eq!(read_at("a.roles", &json!({ "a": "roles" })).unwrap_err(), Malformed("a text"));
        assert_eq!(read_at("a.roles", &json!({ "a": null })).unwrap_err(), Malformed("null"));
    }
}
