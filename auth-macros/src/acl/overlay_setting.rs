//! Parses the setting `overlay = "articles"` of a list: [`Overlay`].

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Expr, Lit, LitStr};

use super::rule_attribute::is_id;
use crate::{
    errors::Errors,
    name::{ends, peel},
    runtime_paths::{Runtime, imported},
    token_text,
};

pub(super) const EXAMPLE: &str = "overlay = \"articles\"";

const WIDENING: &str = "widening";

/// The overlay that a list declares.
pub(crate) struct Overlay {
    name: LitStr,
    may_widen: bool,
}

impl Overlay {
    /// Reads `"articles"` or `widening("articles")`. Returns `None` after reporting a mistake.
    pub(super) fn read(value: &Expr, errors: &mut Errors) -> Option<Self> {
        let value = peel(value);
        let (name, may_widen) = match value {
            Expr::Call(call) => {
                let word = token_text::tokens(&call.func);
                if word != WIDENING {
                    errors.unknown(&call.func, "kind of overlay", &[WIDENING]);
                    return None;
                }
                let mut names = call.args.iter();
                let (Some(name), None) = (names.next(), names.next()) else {
                    errors.on(call, "one overlay is expected here; write `overlay = widening(\"articles\")`");
                    return None;
                };
                (peel(name), true)
            }
            name => (name, false),
        };
        let Expr::Lit(literal) = name else { return not_text(name, errors) };
        let Lit::Str(name) = &literal.lit else { return not_text(name, errors) };
        if is_id(&name.value()).is_err() {
            let text = token_text::tokens(name);
            let remedy = "write ASCII letters, digits and `-`, `_`, `.`, `:`, `/` or `#`";
            errors.on(name, format_args!("{text} is not a name of an overlay; {remedy}"));
            return None;
        }
        Some(Self { name: name.clone(), may_widen })
    }

    /// Returns the constant that the rules refer to.
    pub(super) fn constant(&self, runtime: &Runtime) -> TokenStream {
        let (overlay, name, may_widen) = (runtime.private("ListOverlay"), &self.name, self.may_widen);
        quote!(const __AUTH_OVERLAY: &#overlay = &#overlay::__new(#name, #may_widen);)
    }

    /// Returns the check that an included list has no other overlay.
    pub(super) fn check(base: &Expr) -> TokenStream {
        let text = token_text::tokens(base);
        imported(quote!(check_overlay), ends(base), quote!(__AUTH_OVERLAY, &#base, #text))
    }
}

fn not_text(name: &Expr, errors: &mut Errors) -> Option<Overlay> {
    let text = token_text::tokens(name.to_token_stream());
    errors.on(name, format_args!("`{text}` is not the name of an overlay; write `{EXAMPLE}`"));
    None
}
