//! Binds tokens to a key of their client (sender-constrained tokens): what a token says about it
//! ([`Confirmation`]), and how a request proves possession of the key ([`PossessionProof`],
//! [`ClientCertificates`]).

mod confirmation_claim;
mod possession_proof_trait;
mod supported_bindings;
mod verify_bindings;

pub use confirmation_claim::Confirmation;
pub use possession_proof_trait::PossessionProof;
pub use supported_bindings::SupportedBindings;
pub use verify_bindings::Bindings;
