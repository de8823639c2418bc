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
        has_time && has_acr && login.accepted_acr_values(&self.acr_values).is_some()
    }
}

impl Login {
    /// Returns the authentication contexts that both the configuration and a page accept; `None` if there are none.
    pub(crate) fn accepted_acr_values(&self, demanded: &[String]) -> Option<Vec<String>> {
        if demanded.is_empty() {
            return Some(self.acr_values.clone());
        }
        let is_accepted = |acr: &&String| {
            (self.acr_values.is_empty() || self.acr_values.contains(acr)) && self.trusts_acr(acr)
        };
        let both: Vec<_> = demanded.iter().filter(is_accepted).cloned().collect();
        Some(both).filter(|both| !both.is_empty())
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
        let login = |configured: &[&str], trusted: Option<&[&str]>| {
            let login = Login::openid("a", "https://id.example", "me", "secret").unwrap();
            let login = trusted.map_or(login.clone(), |trusted| login.with_trusted_acr(trusted.to_vec()));
            if configured.is_empty() { login } else { login.with_acr_values(configured.to_vec()) }
        };
        for (configured, trusted, demanded, expected) in [
            (&[][..], None, &[][..], Some(&[][..])),
            (&["a"], None, &[], Some(&["a"])),
            (&[], None, &["a"], Some(&["a"])),
            (&["a", "b"], None, &["b", "c"], Some(&["b"])),
            (&["a"], None, &["b"], None),
            (&[], Some(&["b"][..]), &["a", "b"], Some(&["b"])),
            (&[], Some(&["b"]), &["a"], None),
            (&[], Some(&[]), &["a"], None),
            (&[], Some(&[]), &[], Some(&[])),
            (&["a"], Some(&["b"]), &["a", "b"], Some(&["a"])),
        ] {
            let found = login(configured, trusted).accepted_acr_values(&list(demanded));
            assert_eq!(found, expected.map(list), "{configured:?} {trusted:?} {demanded:?}");
        }
    }
}
