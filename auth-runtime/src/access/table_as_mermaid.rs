//! Formats the access table as a Mermaid flowchart.

use std::fmt::Write as _;

use super::{Access, AccessRow, AccessTable, Dependence};

/// Routes with the same answers to all kinds of requests: one node of the chart.
struct Node<'a> {
    answers: Vec<Answer>,
    rows: Vec<&'a AccessRow>,
}

/// What a kind of request gets, regardless of the status of a denial.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Answer {
    Allowed,
    /// Something else decides: the text beside the arrow
    Depends(&'static str),
    If(Dependence),
    Denied,
}

impl AccessTable {
    /// Formats the table as a Mermaid flowchart, which code hosts draw in Markdown: an arrow from each kind of request
    /// to the routes that it can reach. Routes with the same arrows share a box. A dotted arrow names what decides at
    /// run time: the policy, scopes, a resource, or the conditions of rules.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{acl, acl_required, guarded::{get, Router}, Acl};
    ///
    /// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
    ///
    /// #[acl_required("view", ARTICLES)]
    /// async fn view() {}
    ///
    /// #[acl_required("edit", ARTICLES)]
    /// async fn edit() {}
    ///
    /// let routes: Router = Router::new().route("/articles/{id}", get(view).put(edit));
    /// assert_eq!(
    ///     routes.access().to_mermaid(),
    ///     "\
    /// flowchart LR
    ///     who0([\"anonymous\"])
    ///     who1([\"signed in\"])
    ///     who2([\"group editors\"])
    ///     routes0[\"GET /articles/{id}\"]
    ///     who0 --> routes0
    ///     who1 --> routes0
    ///     who2 --> routes0
    ///     routes1[\"PUT /articles/{id}\"]
    ///     who2 --> routes1
    /// "
    /// );
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for (number, caller) in self.callers().iter().enumerate() {
            let _ = writeln!(chart, "    who{number}([\"{}\"])", escaped(&caller.to_string()));
        }
        for (number, node) in self.nodes().iter().enumerate() {
            let routes: Vec<String> = node.rows.iter().map(|row| escaped(&row.name())).collect();
            let _ = writeln!(chart, "    routes{number}[\"{}\"]", routes.join("<br/>"));
            for (caller, answer) in node.answers.iter().enumerate() {
                let _ = match answer {
                    Answer::Allowed => writeln!(chart, "    who{caller} --> routes{number}"),
                    Answer::Depends(on) => {
                        writeln!(chart, "    who{caller} -. \"{}\" .-> routes{number}", escaped(on))
                    }
                    Answer::If(on) => {
                        let on = escaped(&on.to_string());
                        writeln!(chart, "    who{caller} -. \"{on}\" .-> routes{number}")
                    }
                    Answer::Denied => Ok(()),
                };
            }
        }
        chart
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes: Vec<Node<'_>> = Vec::new();
        for row in self.rows() {
            let answers: Vec<Answer> = row.cells().iter().map(|cell| Answer::of(cell.access())).collect();
            match nodes.iter_mut().find(|node| node.answers == answers) {
                Some(node) => node.rows.push(row),
                None => nodes.push(Node { answers, rows: vec![row] }),
            }
        }
        nodes
    }
}

impl Answer {
    const fn of(access: Access) -> Self {
        match access {
            Access::Allowed => Self::Allowed,
            Access::DependsOnConditions(on) => Self::If(on),
            Access::DependsOnPolicy => Self::Depends("policy"),
            Access::DependsOnResource(name) => Self::Depends(name),
            Access::DependsOnScopes => Self::Depends("scopes"),
            Access::Refused(_) => Self::Denied,
        }
    }
}

/// Replaces the characters that end a text or have a meaning in it, by entities as Mermaid writes them.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | '\\' | '`' | ';' => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
