//! Computes Argon2id hashes; these functions block the thread.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Password, PasswordError, PasswordErrorKind as Kind, password_hasher::PasswordMatch};

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Limits of a stored hash's parameters, so that a manipulated hash cannot exhaust the server.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_ITERATIONS: u32 = 64;
const MAX_LANES: u32 = 64;

/// The parameters of a hash.
struct Recipe {
    algorithm: Algorithm,
    version: Version,
    params: Params,
}

impl Recipe {
    /// Returns the parameters of new hashes.
    fn new(params: &Params) -> Self {
        Self { algorithm: Algorithm::Argon2id, version: Version::V0x13, params: params.clone() }
    }

    fn of(hash: &PasswordHash) -> Option<Self> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        // Hashes of the first version omit it.
        let version = hash.version.map_or(Some(Version::V0x10), |version| Version::try_from(version).ok())?;
        let params = Params::try_from(hash).ok()?;
        let is_bearable = params.m_cost() <= MAX_MEMORY_KIB
            && params.t_cost() <= MAX_ITERATIONS
            && params.p_cost() <= MAX_LANES
            && params.keyid().is_empty()
            && params.data().is_empty();
        is_bearable.then_some(Self { algorithm, version, params })
    }

    fn compute(
        self,
        password: &Password,
        salt: &[u8],
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, PasswordError> {
        #[cfg(test)]
        tests::note(&self);
        let mut hash = Zeroizing::new(vec![0; length]);
        Argon2::new(self.algorithm, self.version, self.params)
            .hash_password_into(password.expose(), salt, &mut hash)
            .map_err(|_| PasswordError::new(Kind::Failed))?;
        Ok(hash)
    }
}

pub(super) fn params(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Params, PasswordError> {
    let refused = PasswordError::new(Kind::Parameters);
    if memory_kib > MAX_MEMORY_KIB || iterations > MAX_ITERATIONS || lanes > MAX_LANES {
        return Err(refused);
    }
    Params::new(memory_kib, iterations, lanes, Some(HASH_BYTES)).map_err(|_| refused)
}

/// Computes a hash in PHC form with a new salt.
pub(super) fn hash(password: &Password, params: &Params) -> Result<String, PasswordError> {
    hash_with(password, params, getrandom::fill)
}

fn hash_with<E>(
    password: &Password,
    params: &Params,
    fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<String, PasswordError> {
    if password.is_empty() {
        return Err(PasswordError::new(Kind::Empty));
    }
    let mut salt = [0; SALT_BYTES];
    // A generator that claims success without writing is rejected.
    if fill(&mut salt).is_err() || salt == [0; SALT_BYTES] {
        return Err(PasswordError::new(Kind::NoRandomness));
    }
    let recipe = Recipe::new(params);
    let failed = PasswordError::new(Kind::Failed);
    let (algorithm, version) = (recipe.algorithm.ident(), Some(recipe.version.into()));
    let hash = recipe.compute(password, &salt, HASH_BYTES)?;
    let phc = PasswordHash {
        algorithm,
        version,
        params: ParamsString::try_from(params).map_err(|_| failed)?,
        salt: Some(Salt::new(&salt).map_err(|_| failed)?),
        hash: Some(Output::new(&hash).map_err(|_| failed)?),
    };
    Ok(phc.to_string())
}

/// Verifies a password. Without a stored hash the same work is done (timing attack).
pub(super) fn verify(
    password: &Password,
    stored: Option<&str>,
    params: &Params,
) -> Result<PasswordMatch, PasswordError> {
    let Some((recipe, salt, expected)) = stored.and_then(read) else {
        Recipe::new(params).compute(password, &[0; SALT_BYTES], HASH_BYTES)?;
        let is_malformed = stored.is_some();
        return if is_malformed {
            Err(PasswordError::new(Kind::Malformed))
        } else {
            Ok(PasswordMatch::none())
        };
    };
    let is_current = recipe.algorithm == Algorithm::Argon2id
        && recipe.version == Version::V0x13
        && recipe.params == *params
        && salt.len() >= SALT_BYTES;
    let hash = recipe.compute(password, &salt, expected.len())?;
    let is_right: bool = hash.ct_eq(expected.as_bytes()).into();
    Ok(if is_right { PasswordMatch::found(!is_current) } else { PasswordMatch::none() })
}

fn read(stored: &str) -> Option<(Recipe, Salt, Output)> {
    let hash = PasswordHash::new(stored).ok()?;
    let recipe = Recipe::of(&hash)?;
    Some((recipe, hash.salt?, hash.hash?))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        /// The parameters of the computations in this thread.
        static COMPUTED: RefCell<Vec<(u32, u32, u32)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(recipe: &Recipe) {
        let params = &recipe.params;
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        COMPUTED.with_borrow_mut(|computed| computed.push(costs));
    }

    fn computed() -> Vec<(u32, u32, u32)> {
        COMPUTED.take()
    }

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    // The test counts work instead of measuring time.
    #[test]
    fn an_unknown_user_costs_what_a_known_one_costs() {
        let params = params(64, 2, 1).unwrap();
        let stored = hash(&password("right"), &params).unwrap();
        assert_eq!(computed(), [(64, 2, 1)]);
        for (text, stored, is_match) in [
            ("right", Some(&*stored), Ok(true)),
            ("wrong", Some(&*stored), Ok(false)),
            ("", Some(&*stored), Ok(false)),
            ("right", None, Ok(false)),
            ("", None, Ok(false)),
            ("right", Some("$2b$12$no-argon"), Err(Kind::Malformed)),
            ("right", Some(""), Err(Kind::Malformed)),
        ] {
            let answer = verify(&password(text), stored, &params);
            assert_eq!(
                answer.map(PasswordMatch::is_match).map_err(|error| error.kind()),
                is_match,
                "{text} {stored:?}"
            );
            assert_eq!(computed(), [(64, 2, 1)], "{text} {stored:?}");
        }
    }

    /// RFC 9106 has only vectors with a secret and associated data. This one is from the tests of the
    /// reference implementation: `hashtest(version, 2, 8, 1, "password", "somesalt", …, Argon2_id)`.
    #[test]
    fn hashes_are_argon2id() {
        let stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let params = params(256, 2, 1).unwrap();
        assert!(verify(&password("password"), Some(stored), &params).unwrap().is_match());
        assert!(!verify(&password("passwore"), Some(stored), &params).unwrap().is_match());
    }

    #[test]
    fn what_costs_too_much_is_not_computed() {
        let params = params(64, 1, 1).unwrap();
        let hash = hash(&password("x"), &params).unwrap();
        computed();
        for (from, to) in [
            ("m=64", "m=1048577"),
            ("m=64", "m=4294967295"),
            ("t=1", "t=65"),
            ("p=1", "p=65"),
            ("m=64", "m=1"),
            ("t=1", "t=0"),
            ("p=1", "p=1,keyid=AAAA"),
            ("p=1", "p=1,data=AAAA"),
            ("v=19", "v=18"),
            ("argon2id", "argon2"),
            ("argon2id", "scrypt"),
        ] {
            let stored = hash.replace(from, to);
            assert_ne!(stored, hash);
            assert_eq!(
                verify(&password("x"), Some(&stored), &params).unwrap_err().kind(),
                Kind::Malformed,
                "{stored}"
            );
            assert_eq!(computed(), [(64, 1, 1)], "{stored}");
        }
    }

    #[test]
    fn a_failing_random_generator_makes_no_hash() {
        let params = params(64, 1, 1).unwrap();
        for error in [
            hash_with(&password("x"), &params, |_| Err("broken")).unwrap_err(),
            hash_with(&password("x"), &params, |_| Ok::<(), ()>(())).unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::NoRandomness);
        }
        assert!(computed().is_empty());
    }
}
