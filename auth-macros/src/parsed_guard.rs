//! Holds an attribute and its handler, parsed: [`Guard`].

use crate::{attribute_kind::Kind, handler::Handler, options::Options, requirement::Requirement};

/// A guard and its handler. After the checks nothing in it can be wrong.
pub(crate) struct Guard {
    pub(crate) kind: Kind,
    pub(crate) requirement: Requirement,
    pub(crate) options: Options,
    pub(crate) handler: Handler,
}
