//! Builds every path of the runtime that an expansion names; no other file names one.
//!
//! All paths are absolute, so that items of the user called `Result`, `core` or `i128` do not shadow them.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Path, Token,
    parse::{ParseStream, Parser as _},
};

use crate::errors::Errors;

/// The path of the runtime: the name under which the user's `Cargo.toml` has it, or the value of `crate = …`.
#[derive(Clone, Debug)]
pub(crate) struct Runtime(TokenStream);

impl Default for Runtime {
    fn default() -> Self {
        // Inside the crate itself, and where a dependency of the user's re-exports it, it has its own name.
        let name = match crate_name("auth-runtime") {
            Ok(FoundCrate::Name(name)) => name,
            Ok(FoundCrate::Itself) | Err(_) => "auth_runtime".to_owned(),
        };
        let name = Ident::new(&name, Span::call_site());
        Self(quote!(::#name))
    }
}

impl From<Path> for Runtime {
    fn from(path: Path) -> Self {
        Self(path.into_token_stream())
    }
}

impl Runtime {
    /// Returns the same path with another span, where errors about a call are then shown.
    pub(crate) fn at(&self, span: Span) -> Self {
        Self(underlined(self.0.clone(), span))
    }

    // Types of the public API.

    pub(crate) fn acl(&self) -> TokenStream {
        self.item(&quote!(Acl))
    }

    pub(crate) fn rule(&self) -> TokenStream {
        self.item(&quote!(Rule))
    }

    pub(crate) fn name(&self) -> TokenStream {
        self.item(&quote!(Name))
    }

    pub(crate) fn permission_trait(&self) -> TokenStream {
        self.item(&quote!(Permission))
    }

    pub(crate) fn group_trait(&self) -> TokenStream {
        self.item(&quote!(Group))
    }

    /// Returns `Action::Allow`, with the user's own `Allow`.
    pub(crate) fn action(&self, word: &Ident) -> TokenStream {
        self.item(&quote!(Action::#word))
    }

    /// Returns `Principal::Everyone`, with the user's own `Everyone`.
    pub(crate) fn principal(&self, word: &Ident) -> TokenStream {
        self.item(&quote!(Principal::#word))
    }

    /// Returns `Permissions::All` or `Permissions::Names`.
    pub(crate) fn permissions(&self, variant: &Ident) -> TokenStream {
        self.item(&quote!(Permissions::#variant))
    }

    /// Returns the extractor of a guard: `guard::AclRequired`.
    pub(crate) fn guard(&self, extractor: &Ident) -> TokenStream {
        self.item(&quote!(guard::#extractor))
    }

    // Items that only expansions may use.

    pub(crate) fn private(&self, item: &str) -> TokenStream {
        let item = Ident::new(item, Span::call_site());
        self.item(&quote!(__private::#item))
    }

    /// Returns a helper with a span of the user's, where errors in its arguments are shown.
    pub(crate) fn private_at(&self, item: &str, span: Span) -> TokenStream {
        let Self(krate) = self.at(span);
        let item = Ident::new(item, span);
        // This segment has the macro's span, so that lints do not take the path for the user's code.
        let private = Ident::new("__private", Span::call_site().located_at(span));
        quote_spanned!(span=> #krate::#private::#item)
    }

    /// Imports the module of helpers into a block, for [`imported`].
    pub(crate) fn import(&self) -> TokenStream {
        let Self(krate) = self;
        quote!(use #krate::__private as __auth;)
    }

    fn item(&self, item: &TokenStream) -> TokenStream {
        let Self(krate) = self;
        quote!(#krate::#item)
    }
}

/// Splits off the `$crate;` that the runtime's `macro_rules!` put in front.
pub(crate) fn split_off(input: TokenStream, errors: &mut Errors) -> Option<(Runtime, TokenStream)> {
    let read = |input: ParseStream<'_>| {
        let path: Path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        Ok((path.into(), input.parse()?))
    };
    read.parse2(input).map_err(|error| errors.syntax(error)).ok()
}

/// Returns a constant that calls a helper of the imported module, underlined from the first to the last token
/// it checks.
///
/// The call must not contain `$crate`: it belongs to another macro, and a span cannot join tokens of two
/// macros.
pub(crate) fn imported(helper: TokenStream, ends: (Span, Span), arguments: TokenStream) -> TokenStream {
    let call = called(helper, ends, arguments);
    quote_spanned!(ends.0=> const _: () = #call;)
}

/// Returns the constant of a trait of the imported module, underlined from the first to the last token of the user's.
pub(crate) fn constant_of(of: &str, constant: &str, (start, end): (Span, Span)) -> TokenStream {
    let (of, constant) = (Ident::new(of, start), Ident::new(constant, end));
    quote_spanned!(start=> __auth::#of::#constant)
}

/// Returns a call of a helper of the imported module.
pub(crate) fn called(helper: TokenStream, (start, end): (Span, Span), arguments: TokenStream) -> TokenStream {
    let helper = underlined(helper, start);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(end);
    quote_spanned!(start=> __auth::#helper #arguments)
}

fn underlined(tokens: TokenStream, span: Span) -> TokenStream {
    tokens.into_iter().map(|token| moved(token, span)).collect()
}

/// Gives the user's tokens the macro's span.
pub(crate) fn moved_to_macro(tokens: TokenStream) -> TokenStream {
    let moved_in = |token| match token {
        TokenTree::Group(group) => Group::new(group.delimiter(), moved_to_macro(group.stream())).into(),
        token => moved(token, Span::call_site()),
    };
    tokens.into_iter().map(moved_in).collect()
}

/// Moves a token. `$crate` is resolved by its span, so only its location may change.
fn moved(mut token: TokenTree, span: Span) -> TokenTree {
    let span = match &token {
        TokenTree::Ident(ident) if ident == "$crate" => ident.span().located_at(span),
        _ => span,
    };
    token.set_span(span);
    token
}
