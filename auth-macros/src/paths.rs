//! Every path of the runtime that an expansion may mention, and no other file names one.
//!
//! All of them are absolute, so that nothing the user has named `Result`, `core` or `i128` is in the way.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Path, Token,
    parse::{ParseStream, Parser as _},
};

use crate::errors::Errors;

/// Where the runtime is: `::auth_runtime`, or what `crate = …` says.
#[derive(Clone, Debug)]
pub(crate) struct Runtime(TokenStream);

impl Default for Runtime {
    fn default() -> Self {
        Self(quote!(::auth_runtime))
    }
}

impl From<Path> for Runtime {
    fn from(path: Path) -> Self {
        Self(path.into_token_stream())
    }
}

impl Runtime {
    /// The same place, underlined elsewhere: what goes wrong with a call is then shown at `span`.
    pub(crate) fn at(&self, span: Span) -> Self {
        Self(underlined(self.0.clone(), span))
    }

    // Types of the public interface.

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

    /// `Action::Allow`, with the user's own `Allow`.
    pub(crate) fn action(&self, word: &Ident) -> TokenStream {
        self.item(&quote!(Action::#word))
    }

    /// `Principal::Everyone`, with the user's own `Everyone`.
    pub(crate) fn principal(&self, word: &Ident) -> TokenStream {
        self.item(&quote!(Principal::#word))
    }

    /// `Permissions::All` or `Permissions::Names`.
    pub(crate) fn permissions(&self, variant: &Ident) -> TokenStream {
        self.item(&quote!(Permissions::#variant))
    }

    /// The extractors that stand before a handler: `guard::AclRequired`.
    pub(crate) fn guard(&self, extractor: &Ident) -> TokenStream {
        self.item(&quote!(guard::#extractor))
    }

    // What only expansions may use.

    pub(crate) fn private(&self, item: &str) -> TokenStream {
        let item = Ident::new(item, Span::call_site());
        self.item(&quote!(__private::#item))
    }

    /// A helper that is called at a place of the user's: a mistake in its arguments is shown there.
    pub(crate) fn private_at(&self, item: &str, span: Span) -> TokenStream {
        let Self(krate) = self.at(span);
        let item = Ident::new(item, span);
        // One word of the macro's own, so that no lint takes the path for the user's.
        let private = Ident::new("__private", Span::call_site().located_at(span));
        quote_spanned!(span=> #krate::#private::#item)
    }

    /// Brings the module of helpers into a block, for [`imported`].
    pub(crate) fn import(&self) -> TokenStream {
        let Self(krate) = self;
        quote!(use #krate::__private as __auth;)
    }

    fn item(&self, item: &TokenStream) -> TokenStream {
        let Self(krate) = self;
        quote!(#krate::#item)
    }
}

/// Splits off the `$crate;` that the runtime's own macro puts in front.
pub(crate) fn split_off(input: TokenStream, errors: &mut Errors) -> Option<(Runtime, TokenStream)> {
    let read = |input: ParseStream<'_>| {
        let path: Path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        Ok((path.into(), input.parse()?))
    };
    read.parse2(input).map_err(|error| errors.syntax(error)).ok()
}

/// A check by a helper of the imported module, underlined from the first to the last token of what it is about.
///
/// No `$crate` is in the call: it belongs to another macro, and a span does not reach from one macro into another.
pub(crate) fn imported(helper: TokenStream, ends: (Span, Span), arguments: TokenStream) -> TokenStream {
    let call = called(helper, ends, arguments);
    quote_spanned!(ends.0=> const _: () = #call;)
}

/// A call of a helper of the imported module.
pub(crate) fn called(helper: TokenStream, (start, end): (Span, Span), arguments: TokenStream) -> TokenStream {
    let helper = underlined(helper, start);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(end);
    quote_spanned!(start=> __auth::#helper #arguments)
}

fn underlined(tokens: TokenStream, span: Span) -> TokenStream {
    tokens.into_iter().map(|token| moved(token, span)).collect()
}

/// Tokens of the user's as if the macro had written them.
pub(crate) fn moved_to_macro(tokens: TokenStream) -> TokenStream {
    let moved_in = |token| match token {
        TokenTree::Group(group) => Group::new(group.delimiter(), moved_to_macro(group.stream())).into(),
        token => moved(token, Span::call_site()),
    };
    tokens.into_iter().map(moved_in).collect()
}

/// `$crate` is found by its span, so only its place may change; every other token moves altogether.
fn moved(mut token: TokenTree, span: Span) -> TokenTree {
    let span = match &token {
        TokenTree::Ident(ident) if ident == "$crate" => ident.span().located_at(span),
        _ => span,
    };
    token.set_span(span);
    token
}
