//! Compiles a permission expression to a short-circuit program of [`Step`]s.
//!
//! There is one step per name, from left to right, with a branch for granted and one for denied. Permissions
//! that cannot change the outcome are not evaluated.

use crate::{name::Name, permission_expression::Permission};

/// The target of a branch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Branch {
    Allow,
    Deny,
    Step(usize),
}

/// Evaluates one permission.
pub(crate) struct Step<'a> {
    pub(crate) name: &'a Name,
    pub(crate) granted: Branch,
    pub(crate) denied: Branch,
}

/// Compiles an expression; evaluation begins with the first step.
pub(crate) fn lower(permission: &Permission) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    push(permission, Branch::Allow, Branch::Deny, &mut steps);
    steps
}

fn push<'a>(permission: &'a Permission, granted: Branch, denied: Branch, steps: &mut Vec<Step<'a>>) {
    let (parts, all) = match permission {
        Permission::One(name) => {
            steps.push(Step { name, granted, denied });
            return;
        }
        Permission::All(parts) => (parts, true),
        Permission::Any(parts) => (parts, false),
    };
    let Some((last, others)) = parts.split_last() else { return };
    for part in others {
        // Steps are numbered in the order of insertion, so the next part begins after the names of this one.
        let next = Branch::Step(steps.len().saturating_add(part.names().len()));
        if all {
            push(part, next, denied, steps);
        } else {
            push(part, granted, next, steps);
        }
    }
    push(last, granted, denied, steps);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Branch, Permission, lower};
    use crate::errors::Errors;

    fn parse(code: &str) -> Permission {
        let expr = syn::parse_str(code).unwrap();
        Permission::from_expr(&expr, &mut Errors::default()).unwrap()
    }

    /// Evaluates the expression directly.
    fn meaning(permission: &Permission, granted: &dyn Fn(&str) -> bool) -> bool {
        match permission {
            Permission::All(parts) => parts.iter().all(|part| meaning(part, granted)),
            Permission::Any(parts) => parts.iter().any(|part| meaning(part, granted)),
            Permission::One(name) => granted(&name.bare()),
        }
    }

    /// Runs the program; returns the outcome and the number of evaluated permissions.
    fn run(permission: &Permission, granted: &dyn Fn(&str) -> bool) -> (bool, usize) {
        let steps = lower(permission);
        let (mut at, mut asked) = (0, 0);
        loop {
            let step = &steps[at];
            asked = usize::saturating_add(asked, 1);
            match if granted(&step.name.bare()) { step.granted } else { step.denied } {
                Branch::Allow => return (true, asked),
                Branch::Deny => return (false, asked),
                Branch::Step(next) => {
                    assert!(next > at, "a program only goes forward");
                    at = next;
                }
            }
        }
    }

    #[test]
    fn a_single_name_is_one_step() {
        let permission = parse("\"a\"");
        let steps = lower(&permission);
        assert_eq!(steps.len(), 1);
        assert_eq!((steps[0].granted, steps[0].denied), (Branch::Allow, Branch::Deny));
    }

    #[test]
    fn the_rest_of_a_list_is_not_asked_once_it_is_settled() {
        let any = parse("any(\"a\", \"b\", \"c\")");
        assert_eq!(run(&any, &|name| name == "a"), (true, 1));
        assert_eq!(run(&any, &|name| name == "c"), (true, 3));
        let all = parse("all(\"a\", any(\"b\", \"c\"), \"d\")");
        assert_eq!(run(&all, &|name| name != "a"), (false, 1));
        assert_eq!(run(&all, &|name| name != "c"), (true, 3));
    }

    fn expression() -> impl Strategy<Value = String> {
        let leaf = (0..6_u8).prop_map(|name| format!("\"p{name}\""));
        leaf.prop_recursive(5, 24, 4, |inner| {
            (any::<bool>(), prop::collection::vec(inner, 1..5))
                .prop_map(|(all, parts)| format!("{}({})", if all { "all" } else { "any" }, parts.join(", ")))
        })
    }

    proptest! {
        #[test]
        fn programs_agree_with_truth_tables(code in expression()) {
            let permission = parse(&code);
            for world in 0..64_u8 {
                let granted = |name: &str| {
                    let bit: u8 = name.trim_start_matches('p').parse().unwrap();
                    world & (1 << bit) != 0
                };
                let (outcome, asked) = run(&permission, &granted);
                prop_assert_eq!(outcome, meaning(&permission, &granted), "{} in world {:06b}", &code, world);
                prop_assert!(asked <= permission.names().len());
            }
        }
    }
}
