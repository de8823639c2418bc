//! Checks the argument of an attribute or macro that names an ACL.

use syn::{Expr, Lit};

use crate::{
    errors::Errors,
    name::{bare_word, is_constant, is_upper, peel},
    token_text,
};

/// Rejects expressions that cannot be an ACL, which is a constant, by name or as an expression.
pub(crate) fn check_context(context: &Expr, errors: &mut Errors) -> bool {
    match peel(context) {
        Expr::Lit(literal) => {
            let message = match &literal.lit {
                Lit::Str(name) if is_upper(&name.value()) => {
                    format!("the ACL is named without quotation marks; write `{}`", name.value())
                }
                _ => "an ACL is expected here; name an ACL such as `ARTICLES`".to_owned(),
            };
            errors.on(context, message);
            false
        }
        Expr::Call(_) | Expr::Unary(_) if looks_like_permission(context) => {
            errors.on(context, "an ACL is expected here; name an ACL such as `ARTICLES`");
            false
        }
        Expr::Reference(reference) => {
            let name = token_text::tokens(&reference.expr);
            errors.on(context, format_args!("the ACL is named without `&`; write `{name}`"));
            false
        }
        Expr::Infer(_) => {
            errors.on(
                context,
                "the argument has no name here; name it, as in `article`, or name an ACL such as `ARTICLES`",
            );
            false
        }
        Expr::Array(_) | Expr::Tuple(_) | Expr::Closure(_) => {
            errors.on(context, "an ACL is named here; write `const ARTICLES: Acl = acl![…];` and name it");
            false
        }
        _ => true,
    }
}

/// Returns whether an expression is written like permissions: `"edit"`, `-1`, `any(…)`.
pub(crate) fn looks_like_permission(expr: &Expr) -> bool {
    match peel(expr) {
        Expr::Lit(_) | Expr::Unary(_) => true,
        Expr::Call(call) => matches!(token_text::tokens(peel(&call.func)).as_str(), "any" | "all"),
        _ => false,
    }
}

/// Returns whether an expression is written like a constant: `ARTICLES`, `rules::ARTICLES`.
pub(crate) fn looks_like_context(expr: &Expr) -> bool {
    let Expr::Path(path) = peel(expr) else { return false };
    bare_word(path).is_none() && is_constant(path)
}
