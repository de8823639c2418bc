//! Declares the columns of the table once for text, Markdown, HTML and the comparison with a snapshot:
//! [`Column`].

use super::{Access, AccessRow, AccessTable, CallerKind, Cell};

/// A column of the table.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Route,
    Guard,
    /// What the route answers to this kind of request, the one at this index of a row's cells
    Caller(usize, CallerKind),
}

/// What a column shows of a route in HTML.
#[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only HTML shows all of it"))]
pub(super) struct Shown {
    /// The class of the cell
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) details: Vec<Detail>,
}

/// Smaller print below the text of a cell.
#[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only HTML shows all of it"))]
pub(super) struct Detail {
    pub(super) class: &'static str,
    pub(super) text: String,
    /// What is shown while the pointer is over it
    pub(super) title: Option<String>,
}

impl Column {
    /// The columns before those of the kinds of requests
    pub(super) const OF_ROUTES: [Self; 2] = [Self::Route, Self::Guard];

    pub(super) fn title(self) -> String {
        match self {
            Self::Route => "route".to_owned(),
            Self::Guard => "guard".to_owned(),
            Self::Caller(_, caller) => caller.to_string(),
        }
    }

    /// Returns the class of the column's head in HTML.
    #[cfg_attr(not(feature = "access-reports"), expect(dead_code, reason = "only HTML has classes"))]
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Route | Self::Guard => "",
            Self::Caller(..) => "who",
        }
    }

    /// Returns what plain text and Markdown show.
    pub(super) fn text(self, row: &AccessRow) -> String {
        match self {
            Self::Caller(index, _) => row.cells().get(index).map(Cell::to_string).unwrap_or_default(),
            Self::Route | Self::Guard => self.show(row).text,
        }
    }

    /// Returns what HTML shows.
    pub(super) fn show(self, row: &AccessRow) -> Shown {
        match self {
            Self::Route => Shown { class: "name", text: row.name(), details: about_route(row) },
            Self::Guard => Shown { class: "guard", text: row.guard(), details: Vec::new() },
            Self::Caller(index, _) => row.cells().get(index).map_or_else(Shown::nothing, Shown::of_cell),
        }
    }
}

impl AccessTable {
    pub(super) fn columns(&self) -> Vec<Column> {
        let callers = self.callers().iter().enumerate();
        Column::OF_ROUTES
            .into_iter()
            .chain(callers.map(|(index, caller)| Column::Caller(index, *caller)))
            .collect()
    }
}

impl Shown {
    const fn nothing() -> Self {
        Self { class: "", text: String::new(), details: Vec::new() }
    }

    fn of_cell(cell: &Cell) -> Self {
        let (class, text) = match cell.access() {
            Access::Allowed => ("yes", "yes".to_owned()),
            Access::Refused(status) => ("no", status.as_u16().to_string()),
            Access::DependsOnConditions(on) => ("maybe", on.to_string()),
            Access::DependsOnPolicy => ("maybe", "policy".to_owned()),
            Access::DependsOnScopes => ("maybe", "scopes".to_owned()),
            Access::DependsOnResource(name) => ("maybe", name.to_owned()),
        };
        let rule = cell.rule().map(|rule| Detail {
            class: "",
            text: rule.to_string(),
            title: Some(format!("{}:{}", rule.file, rule.line)),
        });
        Self { class, text, details: rule.into_iter().collect() }
    }
}

fn about_route(row: &AccessRow) -> Vec<Detail> {
    let route = row.route();
    let handler = route.handler().map(|handler| format!("{handler} · ")).unwrap_or_default();
    let source =
        Detail { class: "", text: format!("{handler}{}:{}", route.file(), route.line()), title: None };
    let reason =
        route.reason().map(|reason| Detail { class: "reason", text: reason.to_owned(), title: None });
    let until = route.until().map(|until| format!(" (until {until})")).unwrap_or_default();
    let reason = reason.map(|reason| Detail { text: reason.text + &until, ..reason });
    [source].into_iter().chain(reason).collect()
}
