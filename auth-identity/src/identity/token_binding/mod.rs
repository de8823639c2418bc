//! Binds tokens to a key of their client (sender-constrained tokens): what a token says about it
//! ([`Confirmation`]), and how a request proves possession of the key ([`PossessionProof`],
//! [`ClientCertificates`]).

mod bindings;
mod confirmation;
mod possession_proof;
mod supported_bindings;

pub use bindings::Bindings;
pub use confirmation::Confirmation;
pub use possession_proof::PossessionProof;
pub use supported_bindings::SupportedBindings;
