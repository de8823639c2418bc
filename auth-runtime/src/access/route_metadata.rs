//! Describes a route of a guarded router: [`RouteMetadata`], its path, methods, handler and guards.

use std::{any::Any, panic::Location};

use super::{guard_metadata::GuardMetadata, http_methods::Methods};
use crate::guard::{GuardLayer, GuardSpec};

/// One entry point of the application: a handler or a service, its path and methods, and its guards.
#[derive(Clone, Debug)]
pub struct RouteMetadata {
    kind: RouteKind,
    methods: Methods,
    path: String,
    handler: Option<&'static str>,
    file: &'static str,
    line: u32,
    guards: Vec<GuardMetadata>,
    reason: Option<&'static str>,
    hides_other_methods: bool,
    /// A CORS layer is around the route, and answers pre-flight requests
    has_cors: bool,
}

/// The kind of entry point.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RouteKind {
    /// A handler or service of one path
    Single,
    /// A service, or an unguarded router, for a path and everything below it
    Tree,
    /// The fallback for paths below this one without a route
    Fallback,
    /// The fallback for paths below this one whose route has no handler for the method
    MethodNotAllowed,
}

impl RouteMetadata {
    /// Records an entry point, with the source position of the caller.
    #[track_caller]
    pub(crate) const fn new(kind: RouteKind, methods: Methods) -> Self {
        let routed = Location::caller();
        Self {
            kind,
            methods,
            path: String::new(),
            handler: None,
            file: routed.file(),
            line: routed.line(),
            guards: Vec::new(),
            reason: None,
            hides_other_methods: false,
            has_cors: false,
        }
    }

    /// Adds the handler `H`, its guards, and the source position of its attribute, if it has one.
    pub(crate) fn with_handler<H, G: GuardSpec>(mut self, has_attribute: bool) -> Self {
        let site = G::SPEC.site;
        if has_attribute {
            (self.handler, self.file, self.line) = (Some(site.function), site.file, site.line);
        } else {
            self.handler = Some(function_name(std::any::type_name::<H>()));
        }
        G::each(None, &mut |spec, resource| self.guards.push(GuardMetadata::new(spec, resource)));
        self
    }

    pub(crate) fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    pub(crate) const fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Records that the other methods of the path are answered with 404.
    pub(crate) const fn hide_other_methods(&mut self) {
        self.hides_other_methods = true;
    }

    /// Returns whether the other methods of the path are answered with 404, like these if they are hidden.
    pub(crate) const fn hides_other_methods(&self) -> bool {
        self.hides_other_methods
    }

    /// Adds a guard outside the existing ones.
    ///
    /// # Panics
    ///
    /// Panics if the guard would reject every pre-flight request before a CORS layer can answer it.
    #[track_caller]
    pub(crate) fn behind(&mut self, guard: &GuardLayer) {
        let guard = GuardMetadata::new(guard.spec, None);
        assert!(
            !self.has_cors || !guard.rejects_preflight(),
            "this guard is around a CORS layer of `{}`, and rejects pre-flight requests, which have no credential; add the \
             CORS layer after the guard",
            self.path
        );
        self.guards.insert(0, guard);
    }

    /// Adds the layer to all records, if it is a guard or a CORS layer.
    #[track_caller]
    pub(crate) fn all_behind<'r, L: 'static>(records: impl IntoIterator<Item = &'r mut Self>, layer: &L) {
        let guard = (layer as &dyn Any).downcast_ref();
        let is_cors = is_cors_layer::<L>();
        for record in records {
            if let Some(guard) = guard {
                record.behind(guard);
            }
            record.has_cors |= is_cors;
        }
    }

    /// The path with a prefix, joined as axum does it.
    pub(crate) fn nest(&mut self, prefix: &str) {
        if prefix.ends_with('/') {
            self.path = format!("{prefix}{}", self.path.trim_start_matches('/'));
        } else if self.path == "/" {
            prefix.clone_into(&mut self.path);
        } else {
            self.path.insert_str(0, prefix);
        }
    }

    /// Returns the kind of entry point.
    #[must_use]
    pub const fn kind(&self) -> RouteKind {
        self.kind
    }

    /// Returns the methods that it accepts.
    #[must_use]
    pub const fn methods(&self) -> Methods {
        self.methods
    }

    /// Returns the path as it was declared, with the prefixes of all outer routers.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name of the handler function; a service has none.
    #[must_use]
    pub const fn handler(&self) -> Option<&'static str> {
        self.handler
    }

    /// Returns the source file of the attribute, or of the call that added the route if there is no
    /// attribute.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line in that file.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns its guards, in the order of evaluation: all of them must let a request pass.
    #[must_use]
    pub fn guards(&self) -> &[GuardMetadata] {
        &self.guards
    }

    /// Returns the stated reason for public access.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.reason.or_else(|| self.guards.iter().copied().find_map(GuardMetadata::reason))
    }

    /// Returns the day, as `2027-01-31`, on which that reason expires.
    #[must_use]
    pub fn until(&self) -> Option<&'static str> {
        self.guards.iter().copied().find_map(GuardMetadata::until)
    }
}

/// Returns whether this is the CORS layer of tower-http, of any version. Its name is compared, so that the crate need
/// not be a dependency; a compiler that names types otherwise leaves the mistake to the first request.
fn is_cors_layer<L>() -> bool {
    std::any::type_name::<L>() == "tower_http::cors::CorsLayer"
}

/// The last segment of a function's path.
fn function_name(path: &'static str) -> &'static str {
    let path = path.split_once('<').map_or(path, |(path, _)| path);
    match path.rsplit("::").next() {
        Some("{{closure}}") | None => "closure",
        Some(name) => name,
    }
}
