//! Compares the path parameters by which resources are loaded with the paths of their routes, when the application starts
//! and in a test with `AccessTable::verify`. The compiler cannot: a path is the argument of a function, and those are not
//! known in constants, whether a literal is written there or not.

use super::{
    guard_metadata::GuardMetadata,
    route_metadata::{RouteKind, RouteMetadata},
};

impl RouteMetadata {
    /// Returns what is wrong with the path, and what to write, if a guard's resource is loaded by a parameter that
    /// the path lacks.
    pub(crate) fn missing_path_parameter(&self) -> Option<String> {
        let (guard, missing) = self.guard_without_path_parameter()?;
        let there: Vec<&str> = parameters(self.path()).collect();
        let resource = guard.context().map_or_else(|| "the resource".to_owned(), |name| format!("`{name}`"));
        let instead = match *there {
            [] => format!("`{}/{{{missing}}}`", self.path().trim_end_matches('/')),
            _ => format!("`{{{missing}}}` in the path, whose parameters are {}", listed(&there)),
        };
        Some(format!(
            "{resource} is loaded by the path parameter `{{{missing}}}`, which `{}` lacks; write {instead}, or \
             correct `PATH_PARAMETERS` of the resource",
            self.path()
        ))
    }

    /// Returns the first guard whose resource is loaded by a parameter that the path lacks, and the parameter.
    pub(crate) fn guard_without_path_parameter(&self) -> Option<(GuardMetadata, &'static str)> {
        // Such a handler gets the parameters of the route whose method it lacks, and there may be several.
        if self.kind() == RouteKind::MethodNotAllowed {
            return None;
        }
        let there: Vec<&str> = parameters(self.path()).collect();
        self.guards().iter().find_map(|guard| {
            let missing = guard.path_parameters().iter().find(|name| !there.contains(name))?;
            Some((*guard, *missing))
        })
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ")
}

/// Returns the parameters of a path: `id` of `/articles/{id}`, and `rest` of `/files/{*rest}`. Double braces are
/// characters of a segment.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        while let Some((_, after)) = rest.split_once('{') {
            if let Some(after) = after.strip_prefix('{') {
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}')?;
            rest = after;
            return Some(name.strip_prefix('*').unwrap_or(name));
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_are_found_in_segments_and_at_the_end() {
        for (path, expected) in [
            ("/", &[][..]),
            ("/articles", &[]),
            ("/articles/{id}", &["id"]),
            ("/{tenant}/v{version}/x/{*rest}", &["tenant", "version", "rest"]),
            ("/{{id}}", &[]),
            ("/{{id}}/{id}", &["id"]),
        ] {
            assert_eq!(parameters(path).collect::<Vec<_>>(), expected, "{path}");
        }
    }
}
