//! Declares the options of an attribute: the name of each, its value, the attributes that accept it, and what it
//! becomes in the guard and in rustdoc.

mod acr_check;
mod parse_limit;
mod read_options;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, LitStr, Path, spanned::Spanned as _};

use read_options::Given;
pub(crate) use read_options::read;

use crate::{
    attribute_kind::{Form, Kind},
    calendar_day::is_day,
    duration,
    errors::Errors,
    markdown::{code, plain},
    requirement::Requirement,
    runtime_paths::Runtime,
    token_text,
};

/// An option by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Opt {
    Acr,
    Anonymous,
    Callers,
    CsrfForm,
    Fresh,
    FromBody,
    Hide,
    Limit,
    Reason,
    Refusal,
    Shadow,
    Until,
    Crate,
}

impl Opt {
    /// All options, in the order in which messages list them.
    const ALL: [Self; 13] = [
        Self::Acr,
        Self::Anonymous,
        Self::Callers,
        Self::CsrfForm,
        Self::Fresh,
        Self::FromBody,
        Self::Hide,
        Self::Limit,
        Self::Reason,
        Self::Refusal,
        Self::Shadow,
        Self::Until,
        Self::Crate,
    ];

    fn named(word: &Ident) -> Option<Self> {
        Self::ALL.into_iter().find(|option| word == option.word())
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Acr => "acr",
            Self::Anonymous => "anonymous",
            Self::Callers => "callers",
            Self::CsrfForm => "csrf_form",
            Self::Fresh => "fresh",
            Self::FromBody => "from_body",
            Self::Hide => "hide",
            Self::Limit => "limit",
            Self::Reason => "reason",
            Self::Refusal => "refusal",
            Self::Shadow => "shadow",
            Self::Until => "until",
            Self::Crate => "crate",
        }
    }

    /// Returns an example of the value, as it is written in source code. Returns `None` for a flag.
    const fn example(self) -> Option<&'static str> {
        match self {
            Self::Anonymous | Self::CsrfForm | Self::FromBody | Self::Hide => None,
            Self::Acr => Some("\"phr\""),
            Self::Callers => Some("\"users\""),
            Self::Fresh => Some("\"10m\""),
            Self::Limit => Some("\"30/1m\""),
            Self::Reason => Some("\"why everybody may\""),
            Self::Refusal => Some("path::to::function"),
            Self::Shadow => Some("ARTICLES_NEXT"),
            Self::Until => Some("\"2027-01-31\""),
            Self::Crate => Some("path::to::auth_runtime"),
        }
    }

    /// Returns the guards that accept the option.
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Anonymous | Self::FromBody => &[Kind::Acl, Kind::Permission],
            Self::Shadow => &[Kind::Acl],
            Self::Acr | Self::Callers | Self::Fresh | Self::Hide | Self::Refusal => {
                &[Kind::Acl, Kind::Auth, Kind::Permission, Kind::Scope]
            }
            Self::Reason | Self::Until => &[Kind::Anonymous],
            Self::CsrfForm | Self::Limit | Self::Crate => &Kind::ALL,
        }
    }

    /// Returns whether guards of this form have the option. A layer has no handler with a resource or a form, and finds
    /// the runtime by itself.
    const fn exists_in(self, form: Form) -> bool {
        match form {
            Form::Attribute => true,
            Form::Layer => !matches!(self, Self::Anonymous | Self::CsrfForm | Self::FromBody | Self::Crate),
        }
    }

    fn belongs_to(self, kind: Kind, form: Form) -> bool {
        self.kinds().contains(&kind) && self.exists_in(form)
    }
}

/// Returns the names of the options that a guard accepts.
pub(crate) fn words(kind: Kind, form: Form) -> Vec<&'static str> {
    Opt::ALL.into_iter().filter(|option| option.belongs_to(kind, form)).map(Opt::word).collect()
}

/// The options of a guard.
#[derive(Default)]
pub(crate) struct Options {
    /// The keyword itself: the resource is loaded for anonymous requests too.
    pub(crate) anonymous: Option<Ident>,
    /// The accepted authentication contexts; empty without the option.
    pub(crate) acr: Vec<LitStr>,
    /// `users` or `services`
    callers: Option<LitStr>,
    /// The keyword itself: the last argument verifies the CSRF token.
    pub(crate) csrf_form: Option<Ident>,
    /// In seconds.
    pub(crate) fresh: Option<u64>,
    /// The keyword itself: the resource is read from the body.
    pub(crate) from_body: Option<Ident>,
    hide: bool,
    /// Requests, and seconds.
    limit: Option<(u32, u64)>,
    refusal: Option<Path>,
    pub(crate) reason: Option<LitStr>,
    until: Option<LitStr>,
    /// A second ACL that is evaluated and logged, but does not decide.
    pub(crate) shadow: Option<Box<Expr>>,
    pub(crate) runtime: Runtime,
}

impl Options {
    /// Reads the value of an option and stores it.
    fn store(&mut self, option: Opt, given: &mut Given<'_>) {
        match option {
            Opt::Acr => self.acr = given.texts(acr_check::check, acr_check::MOST),
            Opt::Anonymous => self.anonymous = Some(given.key.clone()),
            Opt::Callers => self.callers = given.text(is_callers),
            Opt::CsrfForm => self.csrf_form = Some(given.key.clone()),
            Opt::Fresh => {
                let text = given.text(|text| duration::seconds(text).map(drop));
                self.fresh = text.and_then(|text| duration::seconds(&text.value()).ok());
            }
            Opt::FromBody => self.from_body = Some(given.key.clone()),
            Opt::Hide => self.hide = true,
            Opt::Limit => {
                let text = given.text(|text| parse_limit::parse(text).map(drop));
                self.limit = text.and_then(|text| parse_limit::parse(&text.value()).ok());
            }
            Opt::Reason => self.reason = given.text(is_reason),
            Opt::Refusal => self.refusal = given.function(),
            Opt::Shadow => self.shadow = given.list(),
            Opt::Until => self.until = given.text(is_day),
            Opt::Crate => {
                if let Some(path) = given.path("write for example `crate = renamed_runtime`") {
                    self.runtime = path.into();
                }
            }
        }
    }

    /// Checks the options against each other and against the requirement.
    pub(crate) fn check(&self, requirement: &Requirement, errors: &mut Errors) {
        // Other guards load no resource, and `fresh` or `callers` rejects anonymous requests: the option would have no effect.
        if let Some(anonymous) = &self.anonymous {
            if requirement.argument().is_none() {
                let decider = match requirement {
                    Requirement::Permission(_) => "the policy says by itself",
                    _ => "the rules of an ACL say by themselves",
                };
                let message = format_args!(
                    "`anonymous` belongs to a guard that names an argument; remove it, since {decider} what \
                     anonymous requests may"
                );
                errors.on(anonymous, message);
            } else if let Some(word) = self.user_option() {
                let message =
                    format_args!("`{word}` rejects every anonymous request; remove `anonymous` or `{word}`");
                errors.on(anonymous, message);
            }
        }
        if let Some(from_body) = &self.from_body
            && requirement.argument().is_none()
        {
            errors.on(
                from_body,
                "`from_body` belongs to a guard that names an argument; remove it, since this guard decides before the \
                 body is read",
            );
        }
        // A shadow compares two constant ACLs; a resource makes its rules at run time, and an ACL equals itself.
        match (&self.shadow, requirement) {
            (Some(shadow), Requirement::Resource(_, resource)) => {
                let message = format_args!(
                    "`shadow` goes with a constant ACL, and `{resource}` makes its rules at run time; remove `shadow`"
                );
                errors.on(shadow, message);
            }
            (Some(shadow), Requirement::Acl(_, context))
                if token_text::tokens(context) == token_text::tokens(shadow) =>
            {
                let context = token_text::tokens(context);
                let message =
                    format_args!("`{context}` is the ACL already; name the one that shall replace it");
                errors.on(shadow, message);
            }
            _ => {}
        }
    }

    /// Returns the name of an option that requires something of the user, if there is one.
    fn user_option(&self) -> Option<&'static str> {
        let given = [
            (Opt::Fresh, self.fresh.is_some()),
            (Opt::Acr, !self.acr.is_empty()),
            (Opt::Callers, self.callers.is_some()),
        ];
        given.into_iter().find_map(|(option, is_given)| is_given.then_some(option.word()))
    }

    /// Returns the calls that add the options to a `Spec`. The shadow is added by [`crate::spec_expansion`],
    /// which knows the permission.
    pub(crate) fn calls(&self) -> TokenStream {
        let acr = &self.acr;
        let acr = (!acr.is_empty()).then(|| quote!(.acr(&[#(#acr),*])));
        let anonymous = self.anonymous.as_ref().map(|_| quote!(.for_anonymous()));
        let callers = self.callers.as_ref().map(|callers| {
            if callers.value() == USERS { quote!(.only_users()) } else { quote!(.only_services()) }
        });
        let csrf_form = self.csrf_form.as_ref().map(|_| quote!(.csrf_form()));
        let fresh = self.fresh.map(|seconds| {
            let seconds = Literal::u64_unsuffixed(seconds);
            quote!(.fresh(#seconds))
        });
        let from_body = self.from_body.as_ref().map(|_| quote!(.from_body()));
        let hide = self.hide.then(|| quote!(.hide()));
        let limit = self.limit.map(|(requests, seconds)| {
            let (requests, seconds) = (Literal::u32_unsuffixed(requests), Literal::u64_unsuffixed(seconds));
            quote!(.limit(#requests, #seconds))
        });
        let refusal = self.refusal.as_ref().map(|function| with_refusal(function, &self.runtime));
        let reason = self.reason.as_ref().map(|text| quote!(.because(#text)));
        let until = self.until.as_ref().map(|day| quote!(.until(#day)));
        quote!(#anonymous #acr #callers #csrf_form #fresh #from_body #hide #limit #refusal #reason #until)
    }

    /// Returns what the line of rustdoc says about the options.
    pub(crate) fn described(&self) -> String {
        let shadow = self.shadow.as_ref().map(|list| code(&token_text::tokens(list)));
        [
            self.anonymous.as_ref().map(|_| ", anonymous requests included".to_owned()),
            self.callers.as_ref().map(|callers| format!(", {} only", callers.value())),
            self.fresh.map(|seconds| format!(", logged in at most {seconds} s ago")),
            (!self.acr.is_empty()).then(|| {
                let accepted: Vec<_> = self.acr.iter().map(|acr| code(&acr.value())).collect();
                format!(", logged in by {}", accepted.join(" or "))
            }),
            self.csrf_form.as_ref().map(|_| ", with a CSRF token in the form".to_owned()),
            self.from_body.as_ref().map(|_| ", decided after the body is read".to_owned()),
            self.hide.then(|| ", hidden from others".to_owned()),
            self.limit.map(|(requests, seconds)| format!(", at most {requests} requests in {seconds} s")),
            shadow.map(|list| format!(", with {list} as its shadow")),
            self.reason.as_ref().map(|reason| format!(", because: {}", plain(&reason.value()))),
            self.until.as_ref().map(|day| format!(" (until {})", day.value())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn with_refusal(function: &Path, runtime: &Runtime) -> TokenStream {
    let span = function.span();
    let response = runtime.private_at("RefusalFunctionResult", span);
    let argument = runtime.private_at("RefusalFunctionArgument", span);
    // A hygienic name, because the user may have a function called `refusal`.
    let refusal = Ident::new("refusal", Span::mixed_site().located_at(span));
    quote_spanned!(span=> .with_refusal(|#refusal| #response::respond(#function(#argument::of(#refusal)))))
}

/// The values of `callers`.
const USERS: &str = "users";
const SERVICES: &str = "services";

fn is_callers(text: &str) -> Result<(), String> {
    match text {
        USERS | SERVICES => Ok(()),
        _ => Err(format!("`{text}` is not a kind of caller; write `\"{USERS}\"` or `\"{SERVICES}\"`")),
    }
}

fn is_reason(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the reason is empty; say why everybody may call this".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Opt;

    #[test]
    fn the_page_describes_every_option() {
        let page = include_str!("options.md");
        for option in Opt::ALL {
            let mut rows = page.lines().filter_map(|line| line.strip_prefix('|'));
            let first =
                |row: &str| row.split([' ', '`']).find(|word| !word.is_empty()) == Some(option.word());
            assert!(rows.any(first), "{option:?}");
        }
    }
}
