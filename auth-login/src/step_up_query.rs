//! Reads what a guard requires of a log-in (step-up) from the query of the log-in pages: [`StepUpQuery`].

use auth_runtime::identity::Acr;

use crate::{Login, callback_decision::Parameters};

/// How many authentication contexts are read.
const MAX_ACR_VALUES: usize = 8;
/// The longest list of them that is read, in bytes: the attempt carries it in its cookie, beside a redirect target of
/// 2,048 bytes and an id of a user of 255.
const MAX_ACR_LIST: usize = 512;

/// What a log-in has to be. A link can write it, so it only makes a log-in stricter; the guard that wrote it judges
/// the log-in itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepUpQuery {
    /// How long ago the user may have authenticated, in seconds
    pub(crate) max_age: Option<u64>,
    /// The accepted authentication contexts; each if there are none
    pub(crate) acr_values: Vec<String>,
}

impl StepUpQuery {
    /// Reads `max_age` and `acr_values`. What cannot be read is left out.
    pub(crate) fn read(query: &Parameters) -> Self {
        let is_number = |text: &&str| text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        let list = query.get("acr_values").filter(|list| list.len() <= MAX_ACR_LIST);
        let acr_values: Vec<&str> = list.map(|list| list.split(' ').collect()).unwrap_or_default();
        let are_valid =
            acr_values.len() <= MAX_ACR_VALUES && acr_values.iter().all(|acr| Acr::new(acr).is_ok());
        Self {
            max_age: query.get("max_age").filter(is_number).and_then(|text| text.parse().ok()),
            acr_values: acr_values.into_iter().filter(|_| are_valid).map(str::to_owned).collect(),
        }
    }

    pub(crate) const fn is_none(&self) -> bool {
        self.max_age.is_none() && self.acr_values.is_empty()
    }

    /// Returns it as a query without a mark before it; empty if there is none.
    pub(crate) fn to_query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(max_age) = self.max_age {
            query.append_pair("max_age", &max_age.to_string());
        }
        if !self.acr_values.is_empty() {
            query.append_pair("acr_values", &self.acr_values.join(" "));
        }
        query.finish()
    }

    /// Returns whether the provider could confirm that a log-in is so.
    pub(crate) fn is_possible_at(&self, login: &Login) -> bool {
        let has_time = self.max_age.is_none() || login.is_openid() || login.counts_log_in;
        let has_acr = self.acr_values.is_empty() || login.is_openid();
        has_time && has_acr && accepted_acr_values(&login.acr_values, &self.acr_values).is_some()
    }
}

/// Returns the authentication contexts that both the configuration and a page accept; `None` if there are none.
pub(crate) fn accepted_acr_values(configured: &[String], demanded: &[String]) -> Option<Vec<String>> {
    match (configured, demanded) {
        ([], any) | (any, []) => Some(any.to_vec()),
        _ => {
            let both: Vec<_> = demanded.iter().filter(|acr| configured.contains(acr)).cloned().collect();
            Some(both).filter(|both| !both.is_empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> StepUpQuery {
        StepUpQuery::read(&Parameters::parse(query.as_bytes()))
    }

    #[test]
    fn demands_are_read_as_they_are_written() {
        for query in ["", "max_age=600", "acr_values=phr", "max_age=0&acr_values=phr+urn%3Ax"] {
            assert_eq!(read(query).to_query(), query);
            assert_eq!(read(query).is_none(), query.is_empty());
        }
        // As a guard writes them.
        assert_eq!(read("next=%2F&max_age=600&acr_values=phr%20phrh").acr_values, ["phr", "phrh"]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for query in [
            "max_age=",
            "max_age=-1",
            "max_age=+1",
            "max_age=1.5",
            "max_age=12345678901",
            "max_age=1e3",
            "max_age=%EF%BC%91",
            "acr_values=",
            "acr_values=a++b",
            "acr_values=+a",
            "acr_values=a%22",
            "acr_values=%C3%A4",
            "acr_values=a%0D%0Ab",
            "acr_values=1+2+3+4+5+6+7+8+9",
        ] {
            assert!(read(query).is_none(), "{query}");
        }
    }

    #[test]
    fn a_list_is_read_up_to_512_bytes() {
        for (length, is_read) in [(127, true), (128, true), (129, false)] {
            let list = ["a".repeat(127), "b".repeat(127), "c".repeat(127), "d".repeat(length)].join("+");
            assert_eq!(read(&format!("acr_values={list}")).is_none(), !is_read, "{} bytes", list.len());
        }
        let list = vec!["a".repeat(102); 5].join("+");
        assert_eq!(list.len(), 514);
        assert_eq!(read(&format!("max_age=0&acr_values={list}")).to_query(), "max_age=0");
    }

    #[test]
    fn a_page_narrows_what_the_configuration_accepts() {
        let list = |list: &[&str]| list.iter().map(|&acr| acr.to_owned()).collect::<Vec<_>>();
        for (configured, demanded, expected) in [
            (&[][..], &[][..], Some(&[][..])),
            (&["a"], &[], Some(&["a"])),
            (&[], &["a"], Some(&["a"])),
            (&["a", "b"], &["b", "c"], Some(&["b"])),
            (&["a"], &["b"], None),
        ] {
            let found = accepted_acr_values(&list(configured), &list(demanded));
            assert_eq!(found, expected.map(list), "{configured:?} {demanded:?}");
        }
    }
}
