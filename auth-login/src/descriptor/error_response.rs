//! Reads errors in the bodies of responses, in the forms that providers use: [`ErrorForm`] and [`Refused`].

use serde_json::Value;

use super::Descriptor;

/// A form of error responses in addition to `error` as a text (RFC 6749 section 5.2), which every provider
/// may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorForm {
    /// `ok` is `false`, with `error` as the code: Slack.
    OkFalse,
    /// `errcode` is a number other than 0, with `errmsg`: WeChat.
    ErrCode,
    /// `error_code`, with `error_message` or `error_msg`: Facebook's callback, Odnoklassniki.
    ErrorCode,
    /// `error` is an object with `code` other than 0 and `ok`, with `message`: Facebook's and TikTok's API.
    ErrorObject,
    /// `status` is a number from 400 on, with `message`: Twitch.
    Status,
}

/// An error that a provider answered, with any HTTP status.
///
/// Both texts come from outside: they are cut to 200 characters and hold no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    code: String,
    description: Option<String>,
}

impl Refused {
    fn new(code: &str, description: Option<&str>) -> Self {
        let description = description.map(harmless).filter(|text| !text.is_empty());
        Self { code: harmless(code), description }
    }

    /// Returns the code, such as `invalid_grant`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the provider's explanation.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

impl Descriptor {
    /// Returns the error that a JSON response holds, if it holds one; the HTTP status is not looked at.
    #[must_use]
    pub fn refused(&self, body: &Value) -> Option<Refused> {
        if let Some(code) = body.get("error").and_then(Value::as_str).filter(|code| !code.is_empty()) {
            return Some(Refused::new(code, text(body, &["error_description", "message"])));
        }
        self.error_forms.iter().find_map(|form| form.read(body))
    }
}

impl ErrorForm {
    fn read(self, body: &Value) -> Option<Refused> {
        match self {
            Self::OkFalse => {
                (body.get("ok") == Some(&Value::Bool(false))).then(|| Refused::new("not_ok", None))
            }
            Self::ErrCode => Some(Refused::new(&code(body.get("errcode")?)?, text(body, &["errmsg"]))),
            Self::ErrorCode => {
                let description = text(body, &["error_message", "error_msg"]);
                Some(Refused::new(&code(body.get("error_code")?)?, description))
            }
            Self::ErrorObject => {
                let error = body.get("error").filter(|error| error.is_object())?;
                let description = text(error, &["message"]);
                match error.get("code") {
                    Some(found) => Some(Refused::new(&code(found)?, description)),
                    None => Some(Refused::new("error", description)),
                }
            }
            Self::Status => {
                let status = body.get("status")?.as_u64().filter(|status| *status >= 400)?;
                Some(Refused::new(&status.to_string(), text(body, &["message"])))
            }
        }
    }
}

/// Returns a code that does not mean success.
fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !matches!(text.as_str(), "" | "0" | "ok") => Some(text.clone()),
        Value::Number(number) if number.as_i64() != Some(0) => Some(number.to_string()),
        _ => None,
    }
}

fn text<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| body.get(*name)?.as_str()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(forms: &'static [ErrorForm], body: &Value) -> Option<String> {
        let descriptor = Descriptor::oauth2("a", "A", "https://a.example/a", "https://a.example/t");
        descriptor.with_error_forms(forms).refused(body).map(|refused| format!("{refused:?}"))
    }

    fn shown(code: &str, description: Option<&str>) -> String {
        format!("{:?}", Refused::new(code, description))
    }

    // GitHub answers 200 with an error.
    #[test]
    fn an_error_in_a_successful_response_is_seen() {
        let body = json!({"error": "bad_verification_code", "error_description": "The code\r\nis incorrect"});
        assert_eq!(read(&[], &body).unwrap(), shown("bad_verification_code", Some("The codeis incorrect")));
        for body in
            [json!({}), json!({"error": ""}), json!({"error": null}), json!([1]), json!("error"), json!(null)]
        {
            assert_eq!(read(&[], &body), None, "{body}");
        }
    }

    #[test]
    fn each_form_is_read_and_success_is_not_an_error() {
        use ErrorForm::{ErrCode, ErrorCode, ErrorObject, OkFalse, Status};
        for (form, bad, expected, good) in [
            (&[OkFalse][..], json!({"ok": false}), shown("not_ok", None), json!({"ok": true})),
            (&[OkFalse], json!({"ok": false, "error": "x"}), shown("x", None), json!({"ok": 0})),
            (
                &[ErrCode],
                json!({"errcode": 40029, "errmsg": "m"}),
                shown("40029", Some("m")),
                json!({"errcode": 0}),
            ),
            (
                &[ErrorCode],
                json!({"error_code": 102, "error_msg": "m"}),
                shown("102", Some("m")),
                json!({"id": 1}),
            ),
            (
                &[ErrorObject],
                json!({"error": {"code": 190, "message": "m"}}),
                shown("190", Some("m")),
                json!({"error": {"code": "ok"}}),
            ),
            (
                &[ErrorObject],
                json!({"error": {"message": "m"}}),
                shown("error", Some("m")),
                json!({"error": {"code": 0}}),
            ),
            (
                &[Status],
                json!({"status": 400, "message": "m"}),
                shown("400", Some("m")),
                json!({"status": 200}),
            ),
        ] {
            assert_eq!(read(form, &bad).unwrap(), expected, "{bad}");
            assert_eq!(read(form, &good), None, "{good}");
        }
    }
}
