//! Implementation detail of the `auth-runtime` crate; see there.
