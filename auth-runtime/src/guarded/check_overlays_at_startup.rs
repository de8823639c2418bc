//! Compares at startup the overlays that lists of guards declare with those that the layer's overlay reads, before a
//! request does.

use crate::{AuthLayer, access::route_metadata::RouteMetadata};

/// Stops an application if a guard's list declares an overlay that the overlay of the layer does not read:
/// its rules would be rejected in the document, or decide nothing. A layer without an overlay is accepted.
///
/// # Panics
///
/// Panics with the first such guard, and with what to write.
#[track_caller]
pub(super) fn check_overlays(records: &[RouteMetadata], auth: &AuthLayer) {
    for record in records {
        for list in record.guards().iter().filter_map(|guard| Some((guard.context()?, guard.acl()?))) {
            let (name, acl) = list;
            assert!(
                auth.covers_overlay(acl),
                "{} {}, {}:{}: the overlay of the layer does not read that of `{name}`; add `{name}` to `OverlaySettings::new`",
                record.methods(),
                record.path(),
                record.file(),
                record.line(),
            );
        }
    }
}
