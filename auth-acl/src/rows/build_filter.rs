//! Evaluates rules about rows for one caller and all rows at once: [`row_filter`] and [`row_filter_if`].

use alloc::{borrow::ToOwned as _, vec::Vec};

use super::{RowCase, RowFilter, RowPrincipal, RowRule, RowTest, RowValue};
use crate::{Action, Condition, ConditionAnswer, ConditionKind, Groups, Name, OverlayRules, Principals};

/// Returns for which rows the rules grant `permission` to `principals`.
///
/// For each row the filter says what [`decide_if`](crate::decide_if) says by the [rules of that row](crate::rules_of_row), if
/// [`OWNER`](crate::OWNER) is answered by the row. All other conditions are unknown: a rule that allows under one selects no
/// row, and a rule that denies under one denies as if it had none (fail closed). [`row_filter_if`] takes answers.
pub fn row_filter<'r, C: Clone>(
    rules: impl IntoIterator<Item = RowRule<'r, C>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
) -> RowFilter<C> {
    let unknown = |_: &Condition| Some(RowAnswer::Every(ConditionAnswer::Unknown));
    // All conditions are answered, so there is none to ask for.
    row_filter_if(rules, permission, principals, None, unknown).unwrap_or_else(|_| RowFilter::none())
}

/// What is known about a condition before there is a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RowAnswer {
    /// The same for every row
    Every(ConditionAnswer),
    /// It holds for the rows of this tenant, a set of one name: the answer to [`TENANT`](crate::TENANT)
    RowsOf(Groups),
}

/// Returns for which rows the rules grant `permission`, with the rules of overlays before those of the lists that declare
/// them, and with answers to the conditions of rules.
///
/// `answer` returns `None` for a condition that it does not know yet. It is not asked about [`OWNER`](crate::OWNER), which
/// the rows answer.
///
/// # Errors
///
/// Returns the condition whose answer the filter depends on. Ask again when it is known.
pub fn row_filter_if<'r, C: Clone>(
    rules: impl IntoIterator<Item = RowRule<'r, C>>,
    permission: Name<'_>,
    principals: &Principals<'_>,
    overlay: Option<&OverlayRules>,
    mut answer: impl FnMut(&Condition) -> Option<RowAnswer>,
) -> Result<RowFilter<C>, Condition> {
    let mut filter = RowFilter::none();
    if principals.is_blocked() {
        return Ok(filter);
    }
    // The overlay of the rule before
    let mut under = None;
    for rule in rules {
        if let Some(overlay) = overlay
            && rule.rule.overlay() != under
        {
            under = rule.rule.overlay();
            if let Some(decision) = under.and_then(|under| overlay.decide(*under, permission, principals)) {
                filter.otherwise = decision.is_allow();
                break;
            }
        }
        if !rule.rule.permissions().hold(permission) {
            continue;
        }
        let alternatives = rule.alternatives(principals, &mut answer)?;
        let allows = rule.rule.action() == Action::Allow;
        if alternatives.iter().any(Vec::is_empty) {
            filter.otherwise = allows;
            break;
        }
        filter.cases.extend(alternatives.into_iter().map(|tests| RowCase { tests, allows }));
    }
    // A last case that says what all other rows get has no effect.
    while filter.cases.pop_if(|case| case.allows == filter.otherwise).is_some() {}
    Ok(filter)
}

impl<C: Clone> RowRule<'_, C> {
    /// Returns for which rows the rule fires: those that pass all tests of one of these lists.
    fn alternatives(
        &self,
        principals: &Principals<'_>,
        answer: &mut impl FnMut(&Condition) -> Option<RowAnswer>,
    ) -> Result<Vec<Vec<RowTest<C>>>, Condition> {
        let Some(first) = self.principal_test(principals) else { return Ok(Vec::new()) };
        let mut alternatives = Vec::from([first]);
        for condition in self.rule.conditions() {
            let Some(tests) = self.condition_tests(condition, principals, answer)? else {
                return Ok(Vec::new());
            };
            if tests.is_empty() {
                continue;
            }
            let with = |before: &Vec<RowTest<C>>, test: &RowTest<C>| {
                before.iter().chain([test]).cloned().collect::<Vec<_>>()
            };
            alternatives = alternatives
                .iter()
                .flat_map(|before| tests.iter().map(move |test| with(before, test)))
                .collect();
        }
        Ok(alternatives)
    }

    /// Returns the test for the principal, or none if every row passes it; `None` if no row does.
    fn principal_test(&self, principals: &Principals<'_>) -> Option<Vec<RowTest<C>>> {
        let (column, value) = match &self.column {
            None => return principals.include(self.rule.principal()).then(Vec::new),
            Some(RowPrincipal::UserIn(column)) => (column, RowValue::User(principals.user_id()?.to_owned())),
            Some(RowPrincipal::GroupIn(column)) => {
                let groups = principals.groups().filter(|groups| !groups.is_empty())?;
                (column, RowValue::OneOf(groups.clone()))
            }
        };
        Some(Vec::from([RowTest { column: column.clone(), value }]))
    }

    /// Returns the tests of which a row has to pass one, or none if every row does; `None` if no row does.
    fn condition_tests(
        &self,
        condition: &Condition,
        principals: &Principals<'_>,
        answer: &mut impl FnMut(&Condition) -> Option<RowAnswer>,
    ) -> Result<Option<Vec<RowTest<C>>>, Condition> {
        let (column, value) = match condition.kind() {
            ConditionKind::Owner => {
                (self.owner.as_ref(), principals.user_id().map(|id| RowValue::User(id.to_owned())))
            }
            kind => match answer(condition).ok_or(*condition)? {
                RowAnswer::Every(answer) => return Ok(self.may_fire(answer).then(Vec::new)),
                RowAnswer::RowsOf(name) if matches!(kind, ConditionKind::Tenant) => {
                    (self.tenant.as_ref(), Some(RowValue::OneOf(name)))
                }
                RowAnswer::RowsOf(_) => return Ok(self.may_fire(ConditionAnswer::Unknown).then(Vec::new)),
            },
        };
        let Some(column) = column else {
            return Ok(self.may_fire(ConditionAnswer::Unknown).then(Vec::new));
        };
        // A row without the fact cannot answer, so that a rule that denies fires for it.
        let null = self.may_fire(ConditionAnswer::Unknown).then_some(RowValue::Null);
        let tests: Vec<_> =
            value.into_iter().chain(null).map(|value| RowTest { column: column.clone(), value }).collect();
        Ok(Some(tests).filter(|tests| !tests.is_empty()))
    }

    /// Returns whether the rule may fire with this answer to one of its conditions.
    fn may_fire(&self, answer: ConditionAnswer) -> bool {
        match answer {
            ConditionAnswer::Holds => true,
            ConditionAnswer::Fails => false,
            ConditionAnswer::Unknown => self.rule.action() == Action::Deny,
        }
    }
}
