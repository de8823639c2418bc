//! Verifies the bindings of tokens to keys of their clients: [`Bindings`].

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue};

use super::{Confirmation, PossessionProof, SupportedBindings};
use crate::{
    identity::{
        Challenge, Challenges, IdentityError, Incoming, authorization_header::token68,
        bearer_challenge::Challenger, client_certificate::ClientCertificates,
    },
    keys::digest::sha256,
};

/// The scheme of tokens with a proof (RFC 9449, section 7.1).
const SCHEME: &str = "DPoP";

/// How a policy verifies that the client of a request is the one that its token was issued to.
#[derive(Clone, Default)]
pub struct Bindings {
    proof: Option<Arc<dyn PossessionProof>>,
    certificates: Option<ClientCertificates>,
    is_required: bool,
}

impl Bindings {
    /// Verifies proofs in a header.
    pub fn set_proof(&mut self, proof: impl PossessionProof) {
        self.proof = Some(Arc::new(proof));
    }

    /// Verifies client certificates.
    pub fn set_certificates(&mut self, certificates: ClientCertificates) {
        self.certificates = Some(certificates);
    }

    /// Rejects tokens that are not bound.
    pub const fn require(&mut self) {
        self.is_required = true;
    }

    /// Returns whether a token needs no further look: it is not bound, and need not be.
    #[must_use]
    pub const fn are_met(&self, proven: Option<&[u8; 32]>, confirmation: Option<&Confirmation>) -> bool {
        !self.is_required && proven.is_none() && confirmation.is_none()
    }

    /// Returns the token of `Authorization: DPoP …`, if proofs are verified.
    ///
    /// # Errors
    ///
    /// Fails if the header is repeated or malformed.
    pub fn proven_token<'a>(&self, headers: &'a HeaderMap) -> Result<Option<&'a str>, IdentityError> {
        if self.proof.is_some() { token68(headers, SCHEME) } else { Ok(None) }
    }

    /// Returns what [`verify`](Self::verify) needs of such a token.
    #[must_use]
    pub fn hash_of(token: &str) -> [u8; 32] {
        sha256(&[token.as_bytes()])
    }

    /// Verifies what the token is bound to; `proven` is the hash of a token with the scheme `DPoP`. Returns headers for the
    /// response.
    ///
    /// # Errors
    ///
    /// Fails if the request does not prove possession, or the scheme does not fit the binding (downgrade).
    pub async fn verify(
        &self,
        request: &Incoming<'_>,
        proven: Option<&[u8; 32]>,
        confirmation: Option<&Confirmation>,
    ) -> Result<HeaderMap, IdentityError> {
        let Some(confirmation) = confirmation else {
            return match proven {
                Some(_) => Err(IdentityError::refuse("the token is not bound to a key; send it as `Bearer`")),
                None if self.is_required => {
                    Err(IdentityError::refuse("the token is not bound to a key, which is required here"))
                }
                None => Ok(HeaderMap::new()),
            };
        };
        if confirmation.is_unknown() {
            return Err(IdentityError::refuse("the token is bound to its client in an unknown way"));
        }
        // The certificate first: it costs no round trip, and does not use the proof up.
        if let Some(thumbprint) = confirmation.certificate() {
            let Some(certificates) = &self.certificates else {
                return Err(IdentityError::refuse(
                    "the token is bound to a certificate; see `with_client_certificates`",
                ));
            };
            let certificate = certificates.find(request)?;
            if !certificate.is_some_and(|certificate| certificate.has_thumbprint(thumbprint)) {
                return Err(IdentityError::refuse("the token is bound to another client certificate"));
            }
        }
        match (confirmation.key(), proven, &self.proof) {
            (None, None, _) => Ok(HeaderMap::new()),
            (None, Some(_), _) => {
                Err(IdentityError::refuse("the token is not bound to a key; send it as `Bearer`"))
            }
            (Some(_), _, None) => Err(IdentityError::refuse("the token is bound to a key; see `with_dpop`")),
            (Some(_), None, Some(_)) => {
                Err(IdentityError::refuse("the token is bound to a key; send it as `DPoP` with a proof"))
            }
            (Some(thumbprint), Some(hash), Some(proof)) => proof.verify(request, hash, thumbprint).await,
        }
    }

    /// Returns which bindings are verified, for metadata.
    #[must_use]
    pub fn supported(&self) -> SupportedBindings {
        let algorithms = self.proof.iter().flat_map(|proof| proof.algorithms().split(' '));
        let has_certificates = self.certificates.is_some();
        let requires_dpop = self.is_required && self.proof.is_some() && !has_certificates;
        SupportedBindings::new(algorithms.map(str::to_owned).collect(), requires_dpop, has_certificates)
    }

    /// Returns the headers that the result depends on, besides `own`.
    #[must_use]
    pub fn vary(&self, own: HeaderValue) -> HeaderValue {
        if self.proof.is_none() && self.certificates.is_none() {
            return own;
        }
        let mut names: Vec<String> = own.to_str().unwrap_or("*").split(", ").map(str::to_owned).collect();
        if names.iter().any(|name| name == "*") {
            return own;
        }
        let of_certificate = self.certificates.as_ref().and_then(ClientCertificates::header);
        let of_proof = self.proof.is_some().then_some(["authorization", "dpop"]).into_iter().flatten();
        let certificate = of_certificate.as_ref().map(http::HeaderName::as_str);
        for name in of_proof.chain(certificate) {
            if !names.iter().any(|own| own == name) {
                names.push(name.to_owned());
            }
        }
        // Cannot fail: the names are those of headers.
        HeaderValue::try_from(names.join(", ")).unwrap_or(own)
    }

    /// Returns the challenges: that of `scheme`, unless proofs are the only way, and that of `DPoP`.
    #[must_use]
    pub fn challenges(&self, challenger: &Challenger, scheme: &str, why: Challenge<'_>) -> Challenges {
        let plain = challenger.challenge(scheme, why);
        let Some(proof) = &self.proof else { return plain.into() };
        let with_proof = challenger.challenge(SCHEME, why);
        let algorithms = proof.algorithms();
        // Cannot fail: the names of algorithms are letters and digits.
        let text = with_proof.to_str().map(|text| format!("{text}, algs=\"{algorithms}\""));
        let with_proof = text.ok().and_then(|text| HeaderValue::try_from(text).ok()).unwrap_or(with_proof);
        let is_only_way = self.is_required && self.certificates.is_none();
        let values = (!is_only_way).then_some(plain).into_iter().chain([with_proof]);
        values.collect::<Challenges>().with_headers(proof.headers())
    }
}

impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bindings")
            .field("proof", &self.proof.as_ref().map(|proof| proof.algorithms()))
            .field("certificates", &self.certificates)
            .field("is_required", &self.is_required)
            .finish()
    }
}
