//! Formats the access table as an HTML page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    AccessRow, AccessTable, Day, Finding,
    overlay_part_of_table::described,
    rule_labels::LabelledRule,
    table_columns::{Column, Shown},
};
use crate::acl::Condition;

const STYLE: &str = include_str!("table.css");
const GRID: &str = "Who may call what";
const SCRIPT: &str = include_str!("table.js");

impl AccessTable {
    /// Formats the table as one self-contained HTML page, with search, a filter by kind of request, and a
    /// print style.
    #[must_use]
    pub fn to_html(&self, title: &str, today: Day) -> String {
        let open = self.open_to_anonymous().count();
        let findings = self.findings(today);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy"
                        content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                    title { (title) ": who may call what" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (title) }
                        p {
                            (count(self.rows().len(), "route", "routes")) ", "
                            b { (open) } " of them may answer anonymous requests. As of " (today) "."
                        }
                        form class="tools" role="search" {
                            label { "Search " input id="search" type="search" placeholder="path, handler, permission, list" autocomplete="off"; }
                            label { "Who "
                                select id="who" {
                                    option value="" { "everybody" }
                                    @for (at, caller) in self.callers().iter().enumerate() {
                                        option value=(at) { (caller) }
                                    }
                                }
                            }
                            label { "What "
                                select id="what" {
                                    option value="" { "everything" }
                                    option value="yes" { "allowed" }
                                    option value="no" { "refused" }
                                    option value="maybe" { "decided later" }
                                }
                            }
                            output id="shown" { (count(self.rows().len(), "route", "routes")) }
                        }
                    }
                    main {
                        div class="scroll" tabindex="0" role="region" aria-label=(GRID) { (self.grid()) }
                        (legend())
                        (labelled(&self.labelled_rules()))
                        (conditional(&self.conditions()))
                        (overlaid(self))
                        (reported(&findings))
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string()
    }

    fn grid(&self) -> Markup {
        let columns = self.columns();
        html! {
            table {
                thead {
                    tr { @for column in &columns { th scope="col" class=(column.class()) { (column.title()) } } }
                }
                tbody {
                    @for row in self.rows() {
                        tr { @for column in &columns { (cell(*column, row)) } }
                    }
                }
            }
        }
    }
}

/// A cell; that of the route is the head of its row.
fn cell(column: Column, row: &AccessRow) -> Markup {
    let Shown { class, text, details } = column.show(row);
    let small = html! {
        @for detail in details {
            small class=[Some(detail.class).filter(|class| !class.is_empty())] title=[detail.title] {
                (detail.text)
            }
        }
    };
    if matches!(column, Column::Route) {
        html! { th scope="row" class=(class) { code { (text) } (small) } }
    } else {
        html! { td class=(class) { (text) (small) } }
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn legend() -> Markup {
    html! {
        dl class="legend" {
            div { dt class="yes" { "yes" } dd { "the request reaches the handler; below it the rule that says so" } }
            div { dt class="no" { "401" } dd { "it is answered with this status instead" } }
            div { dt class="maybe" { "policy" } dd { "the application's policy, the rules of the thing named, or the conditions of rules decide when it is there" } }
        }
    }
}

/// The rules that have an id, an owner or a last day.
fn labelled(rules: &[LabelledRule]) -> Markup {
    html! {
        @if !rules.is_empty() {
            section {
                h2 { "Named rules" }
                ul {
                    @for rule in rules {
                        li {
                            span class="kind" { (rule.at) } " "
                            (rule.text()) " "
                            small { (rule.at.file) ":" (rule.at.line) }
                        }
                    }
                }
            }
        }
    }
}

/// The rules of overlays, and the answers that they change: not those of the grid.
fn overlaid(table: &AccessTable) -> Markup {
    html! {
        @if table.overlay.is_some() {
            section {
                h2 { "Overlay" }
                p { "The table above shows the constants alone. These rules are evaluated before them." }
                ul {
                    @for rule in table.overlay_rules() {
                        li { span class="kind" { (rule.list()) " " (rule.id()) } " " (described(rule)) }
                    }
                }
                @if !table.overlay_changes().is_empty() {
                    table {
                        thead {
                            tr {
                                @for title in ["route", "who", "constant", "with the overlay", "rule"] {
                                    th scope="col" { (title) }
                                }
                            }
                        }
                        tbody {
                            @for change in table.overlay_changes() {
                                tr {
                                    th scope="row" class="name" { code { (change.route()) } }
                                    td { (change.caller()) }
                                    td { (change.constant()) }
                                    td { (change.now()) }
                                    td { (change.rule()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The conditions that rules name.
fn conditional(conditions: &[Condition]) -> Markup {
    html! {
        @if !conditions.is_empty() {
            section {
                h2 { "Conditions" }
                ul {
                    @for condition in conditions {
                        li { span class="kind" { (condition) } " " (condition.kind()) }
                    }
                }
            }
        }
    }
}

fn reported(findings: &[Finding]) -> Markup {
    html! {
        section {
            h2 { "To be looked at" }
            @if findings.is_empty() {
                p { "Nothing." }
            } @else {
                ul {
                    @for finding in findings {
                        li {
                            span class="kind" { (finding.kind().id()) } " "
                            (finding.text()) " "
                            small { (finding.file()) ":" (finding.line()) }
                        }
                    }
                }
            }
        }
    }
}
