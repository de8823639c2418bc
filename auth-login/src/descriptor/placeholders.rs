//! Fills in placeholders of templates, such as `{tenant}`: [`Placeholder`].

use super::DescriptorError;

/// The path below which metadata are (RFC 8615). An issuer does not have it: it would be there twice in the address of
/// the metadata, and the issuer that these name would be another.
const WELL_KNOWN: &str = "/.well-known/";

/// Something that an application must say before the descriptor is of use, such as its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placeholder {
    /// The name between the braces.
    pub name: &'static str,
    /// What may stand for it.
    pub kind: PlaceholderKind,
    /// What stands for it by default; empty if the application must give it.
    pub default: &'static str,
}

/// What may stand for a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaceholderKind {
    /// A whole address: `https`, or `http` on a loopback address; without query, fragment, name and password.
    Base,
    /// A part of a host or path: ASCII letters, digits, `-`, `.` and `_`; neither `.` nor `..`.
    Part,
}

impl Placeholder {
    /// Returns a placeholder for a whole address; an empty default means that the application must give it.
    #[must_use]
    pub const fn base(name: &'static str, default: &'static str) -> Self {
        Self { name, kind: PlaceholderKind::Base, default }
    }

    /// Returns a placeholder for a part of a host or path; an empty default means that the application must
    /// give it.
    #[must_use]
    pub const fn part(name: &'static str, default: &'static str) -> Self {
        Self { name, kind: PlaceholderKind::Part, default }
    }

    fn check(&self, id: &str, value: &str) -> Result<(), DescriptorError> {
        let is_good = match self.kind {
            PlaceholderKind::Base => is_base(value),
            PlaceholderKind::Part => is_part(value),
        };
        if is_good {
            return Ok(());
        }
        let wanted = match self.kind {
            PlaceholderKind::Base if value.contains(WELL_KNOWN) => {
                "the issuer, which ends before `/.well-known/`, since the metadata are found by it"
            }
            PlaceholderKind::Base => {
                "an https address, or http on a loopback address, without query, fragment and user name"
            }
            PlaceholderKind::Part => "letters, digits, `-`, `.` and `_`",
        };
        Err(DescriptorError::value(id, format!("`{}` cannot be `{value}`; write {wanted}", self.name)))
    }
}

fn is_part(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !value.is_empty() && value.bytes().all(is_allowed) && !value.starts_with('.') && !value.contains("..")
}

fn is_base(value: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'\\' | b'{' | b'}');
    value.bytes().all(is_plain) && !value.contains(WELL_KNOWN) && auth_client::Origin::parse(value).is_ok()
}

/// The values of all placeholders of one descriptor.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    id: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Filled {
    pub(super) fn new(
        id: &'static str,
        placeholders: &'static [Placeholder],
        given: &[(&str, &str)],
    ) -> Result<Self, DescriptorError> {
        if let Some((name, _)) =
            given.iter().find(|(name, _)| placeholders.iter().all(|one| one.name != *name))
        {
            return Err(DescriptorError::value(id, format!("there is no placeholder `{name}`; remove it")));
        }
        let mut values = Vec::new();
        for placeholder in placeholders {
            let value = given.iter().find(|(name, _)| *name == placeholder.name);
            let value = value.map_or(placeholder.default, |(_, value)| value);
            if value.is_empty() {
                let name = placeholder.name;
                return Err(DescriptorError::value(id, format!("`{name}` is missing; give its value")));
            }
            placeholder.check(id, value)?;
            values.push((placeholder.name, value.to_owned()));
        }
        Ok(Self { id, values })
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    /// Fills a template in. `{access_token}` is left for the request.
    pub(super) fn fill(&self, template: &str) -> Result<String, DescriptorError> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let unknown =
                || DescriptorError::value(self.id, format!("the template `{template}` cannot be filled in"));
            let (name, after) = after.split_once('}').ok_or_else(unknown)?;
            if name == super::resolved_provider::ACCESS_TOKEN {
                text.push_str("{access_token}");
            } else {
                let value = self.value(name).ok_or_else(unknown)?;
                // A base with a final slash before a path would double it.
                let value = if after.starts_with('/') { value.trim_end_matches('/') } else { value };
                text.push_str(value);
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACEHOLDERS: &[Placeholder] =
        &[Placeholder::base("base", ""), Placeholder::part("tenant", "common")];

    fn fill(given: &[(&str, &str)], template: &str) -> Result<String, DescriptorError> {
        Filled::new("test", PLACEHOLDERS, given)?.fill(template)
    }

    #[test]
    fn values_cannot_leave_their_place() {
        for value in
            ["a/b", "..", "a..b", ".hidden", "a?b", "a#b", "a@b", "a:1", "ü", "a b", "%2f", "{x}", "a\\b"]
        {
            let answer = fill(&[("base", "https://a.example"), ("tenant", value)], "{base}/{tenant}");
            assert!(answer.is_err(), "{value}");
        }
        for value in [
            "http://a.example",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "a",
            "https://",
        ] {
            assert!(fill(&[("base", value)], "{base}").is_err(), "{value}");
        }
    }

    #[test]
    fn values_are_filled_in_once_and_whole() {
        let base = ("base", "https://a.example/x/");
        assert_eq!(fill(&[base], "{base}/{tenant}/v2").unwrap(), "https://a.example/x/common/v2");
        assert_eq!(fill(&[base], "{base}").unwrap(), "https://a.example/x/");
        assert_eq!(fill(&[base, ("tenant", "me")], "{tenant}/{access_token}").unwrap(), "me/{access_token}");
        assert_eq!(
            fill(&[("base", "http://127.0.0.1:8080")], "{base}/a").unwrap(),
            "http://127.0.0.1:8080/a"
        );
    }

    #[test]
    fn the_address_of_metadata_is_not_a_base() {
        let error =
            fill(&[("base", "https://a.example/.well-known/openid-configuration")], "{base}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "provider `test`: `base` cannot be `https://a.example/.well-known/openid-configuration`; write the issuer, \
             which ends before `/.well-known/`, since the metadata are found by it"
        );
    }

    #[test]
    fn missing_and_unknown_values_are_errors() {
        assert_eq!(
            fill(&[], "").unwrap_err().to_string(),
            "provider `test`: `base` is missing; give its value"
        );
        let error = fill(&[("base", "https://a.example"), ("tennant", "x")], "").unwrap_err();
        assert_eq!(error.to_string(), "provider `test`: there is no placeholder `tennant`; remove it");
        for template in ["{other}", "{base", "a{"] {
            assert!(fill(&[("base", "https://a.example")], template).is_err(), "{template}");
        }
    }
}
