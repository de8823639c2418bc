//! Reports different names in one ACL that look alike to a reader.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{parse_rules::Row, rule_permissions::Permissions, rule_principal::Principal};
use crate::{
    confusables::looks,
    errors::{Errors, other_line},
    name::{Name, Noun},
};

pub(crate) fn rows(rows: &[Row], errors: &mut Errors) {
    let mut permissions = Seen::new(Noun::Permission);
    let mut groups = Seen::new(Noun::Group);
    let mut services = Seen::new(Noun::Service);
    let mut users = Seen::new(Noun::User);
    for row in rows {
        match &row.principal {
            Principal::Authenticated(_) | Principal::Everyone(_) => {}
            Principal::Group(_, name) => groups.name(name, errors),
            Principal::Service(_, name) => services.see(&name.value(), name, errors),
            Principal::User(_, id) => users.see(&id.value(), id, errors),
        }
        if let Permissions::Names(names) = &row.permissions {
            for name in names {
                permissions.name(name, errors);
            }
        }
    }
}

/// The names of one kind that have been read so far.
struct Seen {
    noun: Noun,
    /// The names as written: `7` is not `"7"`, but looks like it.
    written: HashSet<String>,
    /// Each name under both of its folded forms.
    forms: HashMap<(usize, String), TokenStream>,
}

impl Seen {
    fn new(noun: Noun) -> Self {
        Self { noun, written: HashSet::new(), forms: HashMap::new() }
    }

    /// Skips variants and constants: only the compiler knows their names.
    fn name(&mut self, name: &Name, errors: &mut Errors) {
        if matches!(name, Name::Number(_) | Name::Text(_)) {
            self.see(&name.bare(), name, errors);
        }
    }

    // Of two names that look alike, one is a typing error for the other.
    fn see(&mut self, text: &str, tokens: &impl ToTokens, errors: &mut Errors) {
        if !self.written.insert(crate::token_text::tokens(tokens)) {
            return;
        }
        let forms = || looks(text).into_iter().enumerate();
        if let Some(first) = forms().find_map(|form| self.forms.get(&form)) {
            let (what, text, other) =
                (self.noun.singular(), crate::token_text::tokens(tokens), crate::token_text::tokens(first));
            let place = other_line(first, tokens).map(|line| format!(" on line {line}")).unwrap_or_default();
            let message =
                format_args!("the {what} `{text}` looks like `{other}`{place}; write one of them everywhere");
            errors.on(tokens, message);
            return;
        }
        for form in forms() {
            self.forms.insert(form, tokens.to_token_stream());
        }
    }
}
