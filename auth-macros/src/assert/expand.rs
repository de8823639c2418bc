//! Expands each permission of each statement to a constant; the compiler underlines the statement.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::{
    input::Proof,
    statement::{Claim, Statement},
    statement_subject::{Only, Subject},
};
use crate::{
    acl::rule_principal::service_id,
    expected_type::expected_acl,
    name::{Name, Noun, ends},
    runtime_paths::{Runtime, imported},
    token_text,
};

pub(crate) fn proof(proof: &Proof) -> TokenStream {
    let Proof { runtime, context, statements } = proof;
    let (acl, list, import) = (runtime.acl(), expected_acl(context), runtime.import());
    let mut expansion =
        Expansion { runtime, text: token_text::tokens(context), names: 0, tokens: TokenStream::new() };
    for statement in statements {
        expansion.statement(statement);
    }
    let checks = expansion.tokens;
    quote!(const _: () = {
        #import
        const __AUTH_ACL: #acl = #list;
        const __AUTH_CONTEXT: &#acl = &__AUTH_ACL;
        #checks
    };)
}

struct Expansion<'a> {
    runtime: &'a Runtime,
    /// The source text of the ACL.
    text: String,
    /// The number of name constants so far.
    names: usize,
    tokens: TokenStream,
}

/// The constant of a name, and whether the name is an enum variant, as an expression.
type Named = (Ident, TokenStream);

impl Expansion<'_> {
    fn statement(&mut self, statement: &Statement) {
        let ends = ends(&statement.tokens);
        match &statement.claim {
            Claim::Can(subject, names) => self.about("assert_can", subject, names, ends),
            Claim::Cannot(subject, names) => self.about("assert_cannot", subject, names, ends),
            Claim::NotBoth(first, second) => self.not_both(first, second, ends),
            Claim::Only(subject, names) => self.only(subject, names, ends),
        }
    }

    fn about(&mut self, assertion: &str, subject: &Subject, names: &[Name], ends: (Span, Span)) {
        let kind = self.runtime.private("Subject");
        let tokens = match subject {
            Subject::Anonymous => quote!(#kind::Anonymous),
            Subject::Everyone(word) => {
                let everyone = self.runtime.principal(&Ident::new("Everyone", word.span()));
                quote!(#kind::Of(#everyone))
            }
            Subject::Principal(principal) => {
                let principal = self.principal(principal);
                quote!(#kind::Of(#principal))
            }
        };
        for name in names {
            let opposite =
                format!("{} {}", subject.opposite(assertion == "assert_can"), token_text::tokens(name));
            let (name, typed) = self.permission(name);
            self.check(assertion, ends, &quote!(#tokens, #name, #typed, #opposite));
        }
    }

    fn only(&mut self, subject: &Only, names: &[Name], ends: (Span, Span)) {
        let subject = self.principal(subject);
        for name in names {
            let (name, typed) = self.permission(name);
            self.check("assert_only", ends, &quote!(#subject, #name, #typed));
        }
    }

    fn not_both(&mut self, first: &[Name], second: &[Name], ends: (Span, Span)) {
        let first: Vec<Named> = first.iter().map(|name| self.permission(name)).collect();
        let second: Vec<Named> = second.iter().map(|name| self.permission(name)).collect();
        for (p, p_typed) in &first {
            for (q, q_typed) in &second {
                self.check("assert_not_both", ends, &quote!((#p, #p_typed), (#q, #q_typed)));
            }
        }
    }

    fn principal(&mut self, principal: &Only) -> TokenStream {
        let word = |name: &str, word: &Ident| self.runtime.principal(&Ident::new(name, word.span()));
        match principal {
            Only::Authenticated(own) => word("Authenticated", own),
            Only::Group(own, name) => {
                let group = word("Group", own);
                let constant = self.name(name, Noun::Group);
                self.check("check_group", name.ends(), &constant);
                quote!(#group(#constant))
            }
            Only::Service(own, name) => {
                let (user, id) = (word("User", own), service_id(name));
                self.check("check_user", ends(name), &id);
                quote!(#user(#id))
            }
            Only::User(own, id) => {
                let user = word("User", own);
                self.check("check_user", ends(id), id);
                quote!(#user(#id))
            }
        }
    }

    /// Emits a constant and a check that some rule mentions the permission. An unknown permission is reported
    /// once, and the statements about it stay silent.
    fn permission(&mut self, name: &Name) -> Named {
        let is_variant = name.is_variant();
        let constant = self.name(name, Noun::Permission);
        self.check("check_known", name.ends(), &quote!(#constant, #is_variant));
        (constant, is_variant)
    }

    /// Emits one constant per name, so that a wrong variant is reported once.
    fn name(&mut self, name: &Name, noun: Noun) -> Ident {
        let constant = format_ident!("__AUTH_N{}", self.names);
        self.names = self.names.saturating_add(1);
        let (name_type, value) = (self.runtime.name(), name.expand(self.runtime, noun));
        self.tokens.extend(quote!(const #constant: #name_type<'static> = #value;));
        constant
    }

    fn check(&mut self, helper: &str, ends: (Span, Span), rest: &impl ToTokens) {
        let text = &self.text;
        let call = imported(
            Ident::new(helper, ends.0).into_token_stream(),
            ends,
            quote!(__AUTH_CONTEXT, #text, #rest),
        );
        self.tokens.extend(call);
    }
}
