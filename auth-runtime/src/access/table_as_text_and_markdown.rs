//! Formats the access table as plain text and as Markdown.

use std::fmt::{self, Write as _};

use super::{AccessRow, AccessTable, overlay_part_of_table::described};

impl AccessTable {
    /// Returns the titles of the columns, and a line for each route.
    fn lines(&self) -> Vec<Vec<String>> {
        let columns = self.columns();
        let line = |row| columns.iter().map(|column| column.text(row)).collect();
        let titles = columns.iter().map(|column| column.title()).collect();
        [titles].into_iter().chain(self.rows().iter().map(line)).collect()
    }

    /// Formats the table as Markdown, with the written reasons, the number of public routes, the rules that have
    /// an id, an owner or a last day, and what the conditions of rules are about. Keep it next to the source and
    /// review it as a diff. An overlay follows in a part of its own.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        self.constant_markdown() + &self.overlay_markdown()
    }

    /// Formats the constant part, which a snapshot contains.
    pub(super) fn constant_markdown(&self) -> String {
        let mut text = String::new();
        let mut rule = false;
        for line in self.lines() {
            let cells: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if !rule {
                let _ = writeln!(text, "|{}", "---|".repeat(cells.len()));
                rule = true;
            }
        }
        let open: Vec<&AccessRow> = self.open_to_anonymous().collect();
        let _ =
            writeln!(text, "\n{} of {} routes may answer anonymous requests.", open.len(), self.rows().len());
        let reasons: Vec<String> = self.rows().iter().filter_map(reason).collect();
        if !reasons.is_empty() {
            let _ = writeln!(text, "\n{}", reasons.join("\n"));
        }
        let rules: Vec<String> =
            self.labelled_rules().iter().map(|rule| format!("- `{}`: {}", rule.at, rule.text())).collect();
        if !rules.is_empty() {
            let _ = writeln!(text, "\n{}", rules.join("\n"));
        }
        let conditions = self.conditions();
        let conditions: Vec<String> =
            conditions.iter().map(|condition| format!("- `{condition}`: {}", condition.kind())).collect();
        if !conditions.is_empty() {
            let _ = writeln!(text, "\n{}", conditions.join("\n"));
        }
        text
    }

    /// Formats the rules of overlays and what they change as Markdown.
    fn overlay_markdown(&self) -> String {
        let mut text = String::new();
        let Some(part) = &self.overlay else { return text };
        let _ = writeln!(
            text,
            "\nThe overlay has {} rules, and is not part of a snapshot.",
            part.rules.rules().len()
        );
        let rules = part.rules.rules().iter();
        let rules: Vec<String> =
            rules.map(|rule| format!("- `{} {}`: {}", rule.list(), rule.id(), described(rule))).collect();
        if !rules.is_empty() {
            let _ = writeln!(text, "\n{}", rules.join("\n"));
        }
        if !part.changes.is_empty() {
            let _ = writeln!(
                text,
                "\n| route | who | constant | with the overlay | rule |\n|---|---|---|---|---|"
            );
        }
        for change in &part.changes {
            let (constant, now) = (change.constant().to_string(), change.now().to_string());
            let cells = [change.route(), change.caller(), &constant, &now, change.rule()];
            let cells = cells.map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }
}

/// Returns the reason why a route is public, and its last day.
fn reason(row: &AccessRow) -> Option<String> {
    let reason = row.route().reason()?;
    let until = row.route().until().map_or_else(String::new, |day| format!(" (until {day})"));
    Some(format!("- `{}`: {reason}{until}", row.name()))
}

impl fmt::Display for AccessTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        let columns = lines.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for line in &lines {
            let mut text = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                let _ = write!(text, "{cell:width$}  ");
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        let Some(part) = &self.overlay else { return Ok(()) };
        writeln!(f, "\noverlay, {} rules", part.rules.rules().len())?;
        for rule in part.rules.rules() {
            writeln!(f, "  {} {}: {}", rule.list(), rule.id(), described(rule))?;
        }
        for change in &part.changes {
            let (route, caller) = (change.route(), change.caller());
            let (constant, now) = (change.constant(), change.now());
            writeln!(f, "  {route} for {caller}: {constant}, with the overlay {now} ({})", change.rule())?;
        }
        Ok(())
    }
}
