//! Keys of tokens: each is for one algorithm, weak ones are refused, and none can be taken for another.

#![expect(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop"
)]

use std::{collections::BTreeSet, sync::LazyLock};

use auth_runtime::{
    clock::UnixTime,
    jwt::{
        Algorithm, JwkSetError, JwtErrorKind, JwtKeyError, JwtKeyErrorKind, JwtVerifier, KeySet, KeySource,
        SigningKey, VerifyingKey,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use crate::tokens::{self, AUDIENCE, ISSUER, with};

const NOON: UnixTime = UnixTime::from_secs(1_800_000_000);
const INPUT: &[u8] = b"eyJhbGciOiJ4In0.e30";

/// One key per algorithm; RSA keys take a while to make.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    Algorithm::ALL.into_iter().map(|algorithm| SigningKey::generate(algorithm).unwrap()).collect()
});

fn key(algorithm: Algorithm) -> &'static SigningKey {
    KEYS.iter().find(|key| key.algorithm() == algorithm).unwrap()
}

fn jwk(algorithm: Algorithm) -> Value {
    serde_json::from_str(&key(algorithm).to_jwk().unwrap()).unwrap()
}

fn refused(jwk: &Value) -> Option<JwtKeyErrorKind> {
    VerifyingKey::from_jwk(jwk.to_string()).err().map(|error| error.kind())
}

/// The bytes of a `SubjectPublicKeyInfo` around an Ed25519 key (RFC 8410, section 4).
fn ed25519_der(jwk: &Value) -> Vec<u8> {
    let x = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], x.as_slice()].concat()
}

/// The same around a point of P-256 (RFC 5480, section 2).
fn p256_der(jwk: &Value) -> Vec<u8> {
    let point = point(jwk);
    let head = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];
    [&head[..], &point].concat()
}

fn point(jwk: &Value) -> Vec<u8> {
    ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap()).concat()
}

/// The DER of an RSA key: PKCS #1 (RFC 8017, A.1.1), and a `SubjectPublicKeyInfo` around it.
fn rsa_der(jwk: &Value) -> (Vec<u8>, Vec<u8>) {
    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut der = vec![tag];
        match u8::try_from(length) {
            Ok(short @ ..0x80) => der.push(short),
            Ok(long) => der.extend([0x81, long]),
            Err(_) => der.extend([&[0x82], &u16::try_from(length).unwrap().to_be_bytes()[..]].concat()),
        }
        der.extend(content);
        der
    }
    let number = |name: &str| {
        let mut bytes = URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        if bytes[0] & 0x80 != 0 {
            bytes.insert(0, 0);
        }
        wrap(0x02, &bytes)
    };
    let pkcs1 = wrap(0x30, &[number("n"), number("e")].concat());
    let algorithm =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits = wrap(0x03, &[&[0], pkcs1.as_slice()].concat());
    let spki = wrap(0x30, &[&algorithm[..], &bits].concat());
    (pkcs1, spki)
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// 12 keys, 12 algorithms: a signature is good for its own key, and a key is found for its own algorithm.
#[tokio::test]
async fn a_key_is_for_one_algorithm() {
    let mut verified = 0;
    for signer in KEYS.iter() {
        let signature = signer.sign(INPUT).unwrap();
        for verifier in KEYS.iter() {
            let public = verifier.verifying_key();
            let good = public.verify(INPUT, &signature);
            assert_eq!(good, public.algorithm() == signer.algorithm());
            let found = public.find(None, signer.algorithm(), NOON).now().unwrap().unwrap();
            assert_eq!(found.is_empty(), public.algorithm() != signer.algorithm());
            verified += usize::from(good);
        }
    }
    assert_eq!(verified, 12);
}

/// The same RSA key under six names, as an issuer may publish it.
#[test]
fn one_rsa_key_under_six_algorithms() {
    let rsa: Vec<_> = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| {
            algorithm.as_str().contains('S')
                && !algorithm.is_symmetric()
                && !algorithm.as_str().starts_with('E')
        })
        .collect();
    assert_eq!(rsa.len(), 6);
    let signatures: Vec<_> = rsa.iter().map(|algorithm| (algorithm, key(*algorithm))).collect();
    for (signed_as, signer) in signatures {
        let signature = signer.sign(INPUT).unwrap();
        for algorithm in &rsa {
            let same = with(jwk(*signed_as), &json!({"alg": algorithm.as_str()}));
            let verifier = VerifyingKey::from_jwk(same.to_string()).unwrap();
            assert_eq!(verifier.verify(INPUT, &signature), algorithm == signed_as);
        }
    }
}

/// How a token fares with these keys.
fn judged(keys: impl KeySource, token: &str) -> Option<JwtErrorKind> {
    let verifier = JwtVerifier::new(keys).with_issuer(ISSUER).with_audience(AUDIENCE);
    let answer = verifier.verify(token, UnixTime::from_secs(tokens::NOON)).now().unwrap();
    answer.err().map(|error| error.kind())
}

/// A key that signs, and one for another algorithm that is made of the same secret or the same RSA key where that can be.
fn related(signs: Algorithm, verifies: Algorithm) -> (SigningKey, VerifyingKey) {
    let secret = [7; 64];
    let is_rsa =
        |algorithm: Algorithm| algorithm.as_str().starts_with("RS") || algorithm.as_str().starts_with("PS");
    let hmac = |algorithm: Algorithm| match algorithm {
        Algorithm::HS256 => SigningKey::hs256(secret).unwrap(),
        Algorithm::HS384 => SigningKey::hs384(secret).unwrap(),
        _ => SigningKey::hs512(secret).unwrap(),
    };
    let signer = if signs.is_symmetric() { hmac(signs) } else { key(signs).clone() };
    let public = if verifies.is_symmetric() {
        hmac(verifies).verifying_key()
    } else if is_rsa(signs) && is_rsa(verifies) {
        let renamed = with(jwk(signs), &json!({ "alg": verifies.as_str() }));
        VerifyingKey::from_jwk(renamed.to_string()).unwrap()
    } else {
        key(verifies).verifying_key()
    };
    (signer, public)
}

/// Tokens of 12 algorithms at keys for 12 algorithms, whether their header tells the truth or what the key wants.
#[test]
fn a_token_is_for_the_algorithm_of_its_key() {
    let mut valid = 0;
    for signs in Algorithm::ALL {
        for verifies in Algorithm::ALL {
            let (signer, public) = related(signs, verifies);
            let is_right = signs == verifies;
            for (said, wrong) in [(signs, JwtErrorKind::Key), (verifies, JwtErrorKind::Signature)] {
                let header = json!({ "alg": said.as_str(), "typ": "at+jwt" });
                let token = tokens::sign_with(&signer, header, tokens::claims());
                let set = KeySet::new([public.clone()]).unwrap();
                let answers = [judged(public.clone(), &token), judged(set, &token)];
                let expected = (!is_right).then_some(wrong);
                assert_eq!(answers, [expected; 2], "{signs} says {said} to a key for {verifies}");
                valid += usize::from(expected.is_none());
            }
        }
    }
    assert_eq!(valid, 2 * 12);
}

/// The public key as an HMAC secret, in six encodings.
#[tokio::test]
async fn a_public_key_is_not_a_secret() {
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let public = key(algorithm).verifying_key();
        let jwk = jwk(algorithm);
        let (der, raw) = match algorithm {
            Algorithm::ES256 => (p256_der(&jwk), point(&jwk)),
            Algorithm::EdDSA => {
                (ed25519_der(&jwk), URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap())
            }
            _ => (rsa_der(&jwk).1, URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap()),
        };
        let text = pem("PUBLIC KEY", &der);
        let encodings = [
            text.clone().into_bytes(),
            text.trim_end().as_bytes().to_vec(),
            der.clone(),
            jwk.to_string().into_bytes(),
            raw.clone(),
            STANDARD.encode(&der).into_bytes(),
        ];
        for secret in &encodings {
            // What an attacker signs: with bytes that everybody knows.
            for (symmetric, sign) in [
                (Algorithm::HS256, hmac::<Sha256> as Sign),
                (Algorithm::HS384, hmac::<Sha384>),
                (Algorithm::HS512, hmac::<Sha512>),
            ] {
                assert!(!public.verify(INPUT, &sign(secret, INPUT)));
                for kid in [Value::Null, json!("k1")] {
                    let header = with(tokens::header(), &json!({ "alg": symmetric.as_str(), "kid": kid }));
                    let input =
                        [header, tokens::claims()].map(|part| tokens::encode(part.to_string())).join(".");
                    let forged = format!("{input}.{}", tokens::encode(sign(secret, input.as_bytes())));
                    for named in [public.clone(), public.clone().with_kid("k1")] {
                        let set = KeySet::new([named.clone()]).unwrap();
                        let answers = [judged(named, &forged), judged(set, &forged)];
                        assert_eq!(answers, [Some(JwtErrorKind::Key); 2], "{algorithm} as {symmetric}");
                    }
                }
            }
            for symmetric in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                assert!(public.find(None, symmetric, NOON).await.unwrap().is_empty());
                assert!(VerifyingKey::from_pem(symmetric, secret).is_err());
                assert!(VerifyingKey::from_der(symmetric, secret).is_err());
            }
        }
        // What an application does by mistake is noticed where it can be: PEM, DER, JWK.
        for secret in &encodings[..4] {
            let kinds =
                [VerifyingKey::hs256(secret), SigningKey::hs256(secret).map(|key| key.verifying_key())]
                    .map(|key| key.unwrap_err().kind());
            let expected =
                if secret.len() < 32 { JwtKeyErrorKind::TooShort } else { JwtKeyErrorKind::Public };
            assert_eq!(kinds, [expected; 2], "{algorithm}");
        }
    }
}

type Sign = fn(&[u8], &[u8]) -> Vec<u8>;

fn hmac<D: hmac::EagerHash>(secret: &[u8], input: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<D>::new_from_slice(secret).unwrap();
    mac.update(input);
    mac.finalize().into_bytes().to_vec()
}

type Make = fn(&[u8]) -> Result<VerifyingKey, JwtKeyError>;

/// RFC 7518, section 3.2.
#[test]
fn secrets_are_as_long_as_the_hash() {
    let secret: Vec<u8> = (0..=255).collect();
    let makers: [(usize, Make); 3] = [
        (32, |secret| VerifyingKey::hs256(secret)),
        (48, |secret| VerifyingKey::hs384(secret)),
        (64, |secret| VerifyingKey::hs512(secret)),
    ];
    for (least, make) in makers {
        for length in 0..=256 {
            let made = make(&secret[..length]);
            assert_eq!(made.is_ok(), length >= least, "{length}");
            if let Err(error) = made {
                assert_eq!(error.kind(), JwtKeyErrorKind::TooShort);
            }
        }
    }
    assert!(SigningKey::hs256(&secret[..31]).is_err() && SigningKey::hs256(&secret[..32]).is_ok());
    assert!(SigningKey::hs384(&secret[..47]).is_err() && SigningKey::hs384(&secret[..48]).is_ok());
    assert!(SigningKey::hs512(&secret[..63]).is_err() && SigningKey::hs512(&secret[..64]).is_ok());
}

/// Signatures in other forms than RFC 7518 has them.
#[test]
fn signatures_have_one_form() {
    // The order of P-256.
    let order = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
        0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut one = [0; 32];
    one[31] = 1;
    let mut above = order;
    above[31] += 1;
    let special = [[0; 32], one, order, above, [0xff; 32]];
    let verifier = key(Algorithm::ES256).verifying_key();
    for r in special {
        for s in special {
            assert!(!verifier.verify(INPUT, &[r, s].concat()));
        }
    }
    let signature = key(Algorithm::ES256).sign(INPUT).unwrap();
    let (r, s) = signature.split_at(32);
    // DER, as X.509 has it.
    let integer = |value: &[u8]| [&[2, 33, 0], value].concat();
    let content = [integer(r), integer(s)].concat();
    let der = [&[0x30, u8::try_from(content.len()).unwrap()], content.as_slice()].concat();
    assert!(verifier.verify(INPUT, &signature));
    for wrong in [
        der,
        [&[0], r, s].concat(),
        [r, s, &[0]].concat(),
        [&[0], r, &[0], s].concat(),
        [s, r].concat(),
        r.to_vec(),
        signature[..63].to_vec(),
        signature[1..].to_vec(),
        [&signature[..], &signature].concat(),
        Vec::new(),
    ] {
        assert!(!verifier.verify(INPUT, &wrong));
    }
    for signer in KEYS.iter() {
        let signature = signer.sign(INPUT).unwrap();
        let verifier = signer.verifying_key();
        for byte in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[byte] ^= 1;
            assert!(!verifier.verify(INPUT, &flipped), "{} {byte}", signer.algorithm());
        }
        for wrong in
            [&signature[..signature.len() - 1], &signature[1..], &[&signature[..], &[0]].concat(), &[]]
        {
            assert!(!verifier.verify(INPUT, wrong), "{}", signer.algorithm());
        }
        assert!(!verifier.verify(b"", &signature) && !verifier.verify(&INPUT[1..], &signature));
    }
}

/// S + L signs the same in Ed25519 unless it is refused (RFC 8032, section 5.1.7).
#[test]
fn ed25519_signatures_are_not_malleable() {
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = key(Algorithm::EdDSA).sign(INPUT).unwrap();
    let mut carry = 0;
    for (digit, other) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(other) + carry;
        *digit = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert!(!key(Algorithm::EdDSA).verifying_key().verify(INPUT, &signature));
}

/// RFC 7515, appendix A.1; RFC 8037, appendix A.4: what others have signed.
#[test]
fn known_answers() {
    let jwk = r#"{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert!(verifies(jwk, token));
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert!(verifies(jwk, token));
    // RFC 8037, appendix A.3.
    let key = VerifyingKey::from_jwk(jwk).unwrap();
    assert_eq!(key.thumbprint().unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(VerifyingKey::hs256([7; 32]).unwrap().thumbprint(), None);
}

fn verifies(jwk: &str, token: &str) -> bool {
    let (input, signature) = token.rsplit_once('.').unwrap();
    VerifyingKey::from_jwk(jwk).unwrap().verify(input.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// What tools write and people paste: read where it is clear, and otherwise named with the command that converts it.
#[test]
fn pem_that_is_something_else_is_named() {
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    let signing = |text: &[u8]| SigningKey::from_pem(Algorithm::EdDSA, text).map(|_| ());
    let verifying = |text: &[u8]| VerifyingKey::from_pem(Algorithm::EdDSA, text).map(|_| ());
    let bags =
        "Bag Attributes\n    friendlyName: key\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n";
    for (read, text) in
        [(&signing as &dyn Fn(&[u8]) -> Result<(), JwtKeyError>, private), (&verifying, public)]
    {
        for text in [format!("{bags}{text}"), format!("\u{feff}{text}"), format!("{text}\nexported today\n")]
        {
            assert_eq!(read(text.as_bytes()), Ok(()), "{text}");
        }
    }

    let block = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let curve = block("EC PARAMETERS", "BggqhkjOPQMBBw==") + &block("EC PRIVATE KEY", "AAAA");
    let legacy = block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA");
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(private.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let of_both = [
        (private.replace('\n', "\\n").into_bytes(), "printf '%b'"),
        (utf16, "iconv -f UTF-16"),
        (ed25519_der(&jwk(Algorithm::EdDSA)), "`from_der`"),
        (b"{\"kty\":\"OKP\"}".to_vec(), "`VerifyingKey::from_jwk`"),
        (b"p8U1wYxk0m3TnQvH2sZ7eJrLbC9dXaGfKiEoNuVtWyA=".to_vec(), "no line `-----BEGIN"),
        (private.as_bytes()[..70].to_vec(), "cut off"),
        ((private.to_owned() + public).into_bytes(), "several PEM blocks"),
        (block("CERTIFICATE REQUEST", "AAAA").into_bytes(), "certificate request"),
        (block("OPENSSH PRIVATE KEY", "AAAA").into_bytes(), "ssh-keygen -p -m PKCS8"),
        (block("SOMETHING", "AAAA").into_bytes(), "of another kind"),
    ];
    let of_signing = [
        (block("EC PRIVATE KEY", "AAAA"), "SEC1", "openssl pkcs8 -topk8 -nocrypt"),
        (curve, "SEC1", "openssl pkcs8 -topk8 -nocrypt"),
        (block("ENCRYPTED PRIVATE KEY", "AAAA"), "encrypted", "openssl pkey -in"),
        (block("CERTIFICATE", "AAAA"), "certificate", "no private key"),
        (public.to_owned(), "public key", "BEGIN PRIVATE KEY"),
        (block("PRIVATE KEY", "A*AA"), "base64", "damaged"),
    ];
    let of_verifying = [
        (private.to_owned(), "private key", "-pubout"),
        (block("EC PRIVATE KEY", "AAAA"), "private key", "-pubout"),
        (block("CERTIFICATE", "AAAA"), "certificate", "openssl x509 -in cert.pem -noout -pubkey"),
    ];
    let check = |answer: Result<(), JwtKeyError>, words: [&str; 2]| {
        let message = answer.unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}: {words:?}");
    };
    let mut messages = BTreeSet::new();
    for (text, words) in &of_both {
        check(signing(text), [words, words]);
        check(verifying(text), [words, words]);
        messages.insert(signing(text).unwrap_err().to_string());
    }
    assert_eq!(messages.len(), of_both.len(), "each has a message of its own");
    for (text, found, command) in &of_signing {
        check(signing(text.as_bytes()), [found, command]);
    }
    for (text, found, command) in &of_verifying {
        check(verifying(text.as_bytes()), [found, command]);
    }
    check(SigningKey::from_pem(Algorithm::RS256, &legacy).map(|_| ()), ["encrypted", "openssl pkey"]);
    check(signing(block("RSA PRIVATE KEY", "AAAA").as_bytes()), ["RSA", "algorithm"]);
    check(VerifyingKey::from_jwk(private).map(|_| ()), ["PEM", "`from_pem`"]);
    check(VerifyingKey::from_jwk("\u{feff}{}").map(|_| ()), ["byte order mark", "sed"]);
}

/// PEM and DER: read in the forms that tools write, and for the right algorithm only.
#[test]
fn public_keys_are_read_from_files() {
    for algorithm in [Algorithm::RS256, Algorithm::PS512, Algorithm::ES256, Algorithm::EdDSA] {
        let jwk = jwk(algorithm);
        let (der, label) = match algorithm {
            Algorithm::ES256 => (p256_der(&jwk), "PUBLIC KEY"),
            Algorithm::EdDSA => (ed25519_der(&jwk), "PUBLIC KEY"),
            _ => (rsa_der(&jwk).1, "PUBLIC KEY"),
        };
        let text = pem(label, &der);
        let signature = key(algorithm).sign(INPUT).unwrap();
        for read in [
            VerifyingKey::from_der(algorithm, &der),
            VerifyingKey::from_pem(algorithm, &text),
            VerifyingKey::from_pem(algorithm, text.replace('\n', "\r\n")),
            VerifyingKey::from_pem(algorithm, format!("\n\n{text}\n")),
        ] {
            assert!(read.unwrap().verify(INPUT, &signature), "{algorithm}");
        }
        let longer = [der.as_slice(), &[0]].concat();
        for wrong in [&[][..], &der[1..], &der[..der.len() - 1], &longer, &[0x30]] {
            assert!(VerifyingKey::from_der(algorithm, wrong).is_err(), "{algorithm}");
        }
        for wrong in [
            String::new(),
            text.replace("PUBLIC", "PRIVATE"),
            text.replace("PUBLIC KEY", "CERTIFICATE"),
            text.replace("BEGIN", "BEGUN"),
            text.replacen("PUBLIC KEY", "RSA PUBLIC KEY", 1),
            text.replace('M', "*"),
            format!("{text}{text}"),
            format!("x{text}"),
            STANDARD.encode(&der),
        ] {
            assert!(VerifyingKey::from_pem(algorithm, wrong).is_err(), "{algorithm}");
        }
        for other in Algorithm::ALL {
            let fits = other == algorithm
                || (der.len() > 200
                    && jwk["kty"] == "RSA"
                    && (other.as_str().starts_with("RS") || other.as_str().starts_with("PS")));
            assert_eq!(VerifyingKey::from_der(other, &der).is_ok(), fits, "{algorithm} as {other}");
        }
    }
    let (pkcs1, _) = rsa_der(&jwk(Algorithm::RS256));
    let signature = key(Algorithm::RS256).sign(INPUT).unwrap();
    let text = pem("RSA PUBLIC KEY", &pkcs1);
    assert!(VerifyingKey::from_pem(Algorithm::RS256, &text).unwrap().verify(INPUT, &signature));
    assert!(VerifyingKey::from_der(Algorithm::RS256, &pkcs1).unwrap().verify(INPUT, &signature));
    assert!(VerifyingKey::from_pem(Algorithm::ES256, &text).is_err());
}

/// The key of RFC 8410, section 10.3, and what is not a private key.
#[test]
fn private_keys_are_read_from_files() {
    let text = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
    let key = SigningKey::from_pem(Algorithm::EdDSA, text).unwrap().with_kid("k");
    let jwk: Value = serde_json::from_str(&key.to_jwk().unwrap()).unwrap();
    assert_eq!(jwk["x"], "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE");
    assert_eq!(jwk["kid"], "k");
    assert!(key.verifying_key().verify(INPUT, &key.sign(INPUT).unwrap()));
    for algorithm in Algorithm::ALL {
        assert_eq!(
            SigningKey::from_pem(algorithm, text).is_ok(),
            algorithm == Algorithm::EdDSA,
            "{algorithm}"
        );
    }
    let der = STANDARD.decode("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC").unwrap();
    assert!(SigningKey::from_der(Algorithm::EdDSA, &der).is_ok());
    assert!(SigningKey::from_der(Algorithm::EdDSA, &der[1..]).is_err());
    for wrong in
        ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", &pem("PUBLIC KEY", &ed25519_der(&jwk))]
    {
        for algorithm in Algorithm::ALL {
            assert!(SigningKey::from_pem(algorithm, wrong).is_err());
        }
    }
    assert!(VerifyingKey::from_pem(Algorithm::EdDSA, text).is_err());
}

/// What `to_jwk` writes is read again, and holds nothing private.
#[test]
fn public_halves_are_published() {
    for signer in KEYS.iter() {
        let Some(published) = signer.clone().with_kid("a \"name\"").to_jwk() else {
            assert!(signer.algorithm().is_symmetric());
            continue;
        };
        let object: Value = serde_json::from_str(&published).unwrap();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(object.get(private).is_none());
        }
        let read = VerifyingKey::from_jwk(&published).unwrap();
        assert_eq!((read.algorithm(), read.kid()), (signer.algorithm(), Some("a \"name\"")));
        assert!(read.verify(INPUT, &signer.sign(INPUT).unwrap()));
        assert_eq!(read.thumbprint(), signer.verifying_key().thumbprint());
    }
}

/// Every rule of import, each by one change of a good key.
#[test]
fn jwks_are_read_strictly() {
    use JwtKeyErrorKind::{Algorithm as Mismatch, Malformed, Private, TooShort, Unsupported, Use, Weak};

    let (rsa, p256, p384) = (jwk(Algorithm::RS256), jwk(Algorithm::ES256), jwk(Algorithm::ES384));
    let ed = jwk(Algorithm::EdDSA);
    let oct = json!({"kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode([7; 32])});
    let last_changed = |text: &Value| {
        let bytes = URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
        let mut changed = bytes;
        *changed.last_mut().unwrap() ^= 1;
        URL_SAFE_NO_PAD.encode(changed)
    };
    let zero_first = |text: &Value| {
        URL_SAFE_NO_PAD
            .encode([&[0], URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap().as_slice()].concat())
    };
    for good in [
        with(rsa.clone(), &json!({"use": null})),
        with(rsa.clone(), &json!({"alg": null})),
        with(rsa.clone(), &json!({"key_ops": ["verify"]})),
        with(rsa.clone(), &json!({"x5c": ["AAAA"], "x5u": "https://a.example/", "anything": {"else": 1}})),
        with(p256.clone(), &json!({"alg": null, "key_ops": ["sign", "verify"]})),
        with(ed.clone(), &json!({"alg": null, "kid": "k".repeat(256)})),
        oct.clone(),
    ] {
        assert_eq!(refused(&good), None, "{good}");
    }
    let table = [
        // What it is for.
        (&rsa, json!({"use": "enc"}), Use),
        (&rsa, json!({"use": "SIG"}), Use),
        (&rsa, json!({"use": ["sig"]}), Malformed),
        (&rsa, json!({"key_ops": []}), Use),
        (&rsa, json!({"key_ops": ["sign"]}), Use),
        (&p256, json!({"key_ops": ["encrypt", "wrapKey"]}), Use),
        (&ed, json!({"use": "sig", "key_ops": ["deriveKey"]}), Use),
        (&rsa, json!({"key_ops": "verify"}), Malformed),
        (&rsa, json!({"key_ops": ["verify", "verify"]}), Malformed),
        (&rsa, json!({"key_ops": ["verify", 1]}), Malformed),
        // Its kind and algorithm.
        (&rsa, json!({"kty": null}), Malformed),
        (&rsa, json!({"kty": 1}), Malformed),
        (&rsa, json!({"kty": "rsa"}), Unsupported),
        (&rsa, json!({"kty": "AKP"}), Unsupported),
        (&rsa, json!({"kty": "EC"}), Unsupported),
        (&p256, json!({"kty": "RSA"}), Mismatch),
        (&ed, json!({"kty": "EC"}), Unsupported),
        (&rsa, json!({"alg": "HS256"}), Mismatch),
        (&rsa, json!({"alg": "ES256"}), Mismatch),
        (&rsa, json!({"alg": "RSA-OAEP"}), Mismatch),
        (&rsa, json!({"alg": "none"}), Mismatch),
        (&rsa, json!({"alg": "rs256"}), Mismatch),
        (&rsa, json!({"alg": ""}), Mismatch),
        (&rsa, json!({"alg": 256}), Malformed),
        (&p256, json!({"alg": "ES384"}), Mismatch),
        (&p256, json!({"alg": "ES256K"}), Mismatch),
        (&p256, json!({"crv": "P-384"}), Mismatch),
        (&p256, json!({"crv": "P-384", "alg": null}), Malformed),
        (&p256, json!({"crv": "secp256k1", "alg": null}), Unsupported),
        (&p256, json!({"crv": null}), Unsupported),
        (&p256, json!({"crv": "p-256"}), Unsupported),
        (&p384, json!({"crv": "P-256", "alg": null}), Malformed),
        (&ed, json!({"crv": "X25519"}), Unsupported),
        (&ed, json!({"crv": "Ed448"}), Unsupported),
        (&ed, json!({"alg": "ES256"}), Mismatch),
        (&oct, json!({"alg": null}), Mismatch),
        (&oct, json!({"alg": "RS256"}), Mismatch),
        (&oct, json!({"alg": "A256GCM"}), Mismatch),
        (&oct, json!({"alg": "HS384"}), TooShort),
        (&oct, json!({"alg": "HS512"}), TooShort),
        // Private parts.
        (&rsa, json!({"d": "AQAB"}), Private),
        (&rsa, json!({"p": "AQAB"}), Private),
        (&rsa, json!({"oth": []}), Private),
        (&rsa, json!({"k": "AQAB"}), Private),
        (&p256, json!({"d": "AQAB"}), Private),
        (&ed, json!({"d": "AQAB"}), Private),
        // Numbers.
        (&rsa, json!({"n": null}), Malformed),
        (&rsa, json!({"e": null}), Malformed),
        (&rsa, json!({"n": ""}), Malformed),
        (&rsa, json!({"e": ""}), Malformed),
        (&rsa, json!({"e": 65537}), Malformed),
        (&rsa, json!({"e": "AQ"}), Weak),
        (&rsa, json!({"e": "Ag"}), Weak),
        (&rsa, json!({"e": "AQAA"}), Weak),
        (&rsa, json!({"e": "AAEAAQ"}), Malformed),
        (&rsa, json!({"e": "AQAB="}), Malformed),
        (&rsa, json!({"e": "AQA B"}), Malformed),
        (&rsa, json!({"e": "_____________w"}), Weak),
        (&rsa, json!({"n": zero_first(&rsa["n"])}), Malformed),
        (&rsa, json!({"n": last_changed(&rsa["n"])}), Weak),
        (&rsa, json!({"n": rsa["n"].as_str().unwrap()[..340]}), TooShort),
        (&rsa, json!({"n": "AQAB"}), TooShort),
        // Points.
        (&p256, json!({"x": last_changed(&p256["x"])}), Malformed),
        (&p256, json!({"y": last_changed(&p256["y"])}), Malformed),
        (&p256, json!({"x": p256["y"], "y": p256["x"]}), Malformed),
        (&p256, json!({"x": zero_first(&p256["x"])}), Malformed),
        (&p256, json!({"x": "", "y": ""}), Malformed),
        (&p256, json!({"x": "A".repeat(43), "y": "A".repeat(43)}), Malformed),
        (&p256, json!({"y": null}), Malformed),
        (&p256, json!({"x": 1}), Malformed),
        (&p384, json!({"x": p256["x"], "y": p256["y"]}), Malformed),
        (&ed, json!({"x": ""}), Malformed),
        (&ed, json!({"x": zero_first(&ed["x"])}), Malformed),
        (&ed, json!({"x": "A".repeat(43)}), Weak),
        (&ed, json!({"x": format!("AQ{}", "A".repeat(41))}), Weak),
        (&ed, json!({"x": format!("{}IA", "A".repeat(41))}), Weak),
        (&ed, json!({"x": "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"}), Weak),
        (&ed, json!({"x": "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"}), Weak),
        // Secrets.
        (&oct, json!({"k": ""}), TooShort),
        (&oct, json!({"k": URL_SAFE_NO_PAD.encode([7; 31])}), TooShort),
        (&oct, json!({"k": null}), Malformed),
        (&oct, json!({"k": STANDARD.encode([255; 32])}), Malformed),
        // Names.
        (&ed, json!({"kid": ""}), Malformed),
        (&ed, json!({"kid": 1}), Malformed),
        (&ed, json!({"kid": ["a"]}), Malformed),
        (&ed, json!({"kid": "k".repeat(257)}), Malformed),
    ];
    for (good, change, kind) in table {
        // `{"n": null}` takes a member away; everything else replaces it.
        let changed = with(good.clone(), &change);
        let found = refused(&changed);
        // A changed last byte of an odd modulus makes it even; of a prime's coordinate it leaves the curve.
        assert_eq!(found, Some(kind), "{change} in {good}");
        // Neither form of the error says anything of the key.
        let error = VerifyingKey::from_jwk(changed.to_string()).unwrap_err();
        let said = format!("{error} {error:?}");
        for value in
            changed.as_object().unwrap().values().filter_map(Value::as_str).filter(|text| text.len() > 20)
        {
            assert!(!said.contains(value));
        }
    }
    for text in ["", "[]", "null", "{", r#"{"kty":"oct","kty":"oct"}"#, "\u{feff}{}"] {
        assert_eq!(VerifyingKey::from_jwk(text).unwrap_err().kind(), Malformed);
    }
    // A member twice, with any values.
    let twice = ed.to_string().replacen('{', r#"{"kid":"a","kid":"b","#, 1);
    assert_eq!(VerifyingKey::from_jwk(twice).unwrap_err().kind(), Malformed);
}

/// A key id may have any content.
#[tokio::test]
async fn names_are_opaque() {
    let hostile = [
        "key'; DROP TABLE keys;--",
        "a\0b",
        "a\r\nb",
        "\u{202e}a",
        "%2e%2e%2f",
        "| id",
        "{{7*7}}",
        "a b",
        " a",
        "a ",
        "A",
        "ａ",
        "a\u{301}",
        "é",
        "\u{feff}a",
        "0",
        "-1",
        "null",
        "true",
        "[]",
        "{}",
        "a.b.c",
        "*",
        "%",
        "_",
    ];
    let keys = KeySet::new([key(Algorithm::EdDSA).clone().with_kid("a").verifying_key()]).unwrap();
    let single = key(Algorithm::EdDSA).clone().with_kid("a").verifying_key();
    let hostile = hostile.into_iter().map(str::to_owned).chain(tokens::hostile_names());
    for kid in hostile.chain(["k".repeat(65_536)]) {
        for source in [&keys as &dyn KeySource, &single] {
            assert!(source.find(Some(&kid), Algorithm::EdDSA, NOON).await.unwrap().is_empty(), "{kid:?}");
        }
        // The same name on the key, and it is found: nothing was read into it.
        let named = key(Algorithm::EdDSA).clone().with_kid(&kid).verifying_key();
        assert!(
            !named.find(Some(&kid), Algorithm::EdDSA, NOON).now().unwrap().unwrap().is_empty(),
            "{kid:?}"
        );
        assert!(named.find(Some("a"), Algorithm::EdDSA, NOON).now().unwrap().unwrap().is_empty(), "{kid:?}");
    }
    assert!(!keys.find(Some("a"), Algorithm::EdDSA, NOON).now().unwrap().unwrap().is_empty());
    assert!(
        !keys.find(None, Algorithm::EdDSA, NOON).now().unwrap().unwrap().is_empty(),
        "a token without a name may be any key's"
    );
}

/// Which keys are tried for a token.
#[test]
fn names_and_algorithms_choose_keys() {
    let named = |algorithm: Algorithm, kid: &str| key(algorithm).clone().with_kid(kid).verifying_key();
    let found = |set: &KeySet, kid: Option<&str>, algorithm| {
        set.find(kid, algorithm, NOON).now().unwrap().unwrap().iter().count()
    };
    let set = KeySet::new([
        named(Algorithm::ES256, "a"),
        named(Algorithm::EdDSA, "b"),
        named(Algorithm::RS256, "c"),
    ])
    .unwrap();
    assert_eq!(found(&set, Some("a"), Algorithm::ES256), 1);
    assert_eq!(found(&set, Some("a"), Algorithm::EdDSA), 0, "the name is another algorithm's");
    assert_eq!(found(&set, Some("d"), Algorithm::ES256), 0);
    assert_eq!(found(&set, None, Algorithm::ES256), 1);
    // A key without a name serves any name that is not taken.
    let set = KeySet::new([named(Algorithm::ES256, "a"), key(Algorithm::ES256).verifying_key()]).unwrap();
    assert_eq!((found(&set, Some("a"), Algorithm::ES256), found(&set, Some("x"), Algorithm::ES256)), (1, 1));
    assert_eq!(found(&set, None, Algorithm::ES256), 2);
    // Few are tried when no name chooses.
    for (count, tried) in [(4, 4), (5, 0), (100, 0)] {
        let set = KeySet::new((0..count).map(|n| named(Algorithm::ES256, &n.to_string()))).unwrap();
        assert_eq!(found(&set, None, Algorithm::ES256), tried);
        assert_eq!(found(&set, Some("3"), Algorithm::ES256), 1);
    }
}

/// Which sets are refused as a whole.
#[test]
fn sets_are_read_strictly() {
    let [one, other] = [Algorithm::ES256, Algorithm::EdDSA]
        .map(|algorithm| with(jwk(algorithm), &json!({"kid": algorithm.as_str()})));
    let secret =
        |kid: &str| json!({"kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode([7; 32]), "kid": kid});
    let read = |keys: Value| KeySet::from_jwks(json!({"keys": keys}).to_string()).map(|set| set.len());
    assert_eq!(read(json!([one, other])), Ok(2));
    assert_eq!(read(json!([one, secret("s")])), Ok(1), "a secret in a public set is skipped");
    assert_eq!(read(json!([secret("s")])), Err(JwkSetError::NoKey));
    assert_eq!(read(json!([])), Err(JwkSetError::NoKey));
    // One name for keys of several algorithms, one key twice, and two keys that only the signature tells apart.
    assert_eq!(read(json!([one, with(other.clone(), &json!({"kid": "ES256"}))])), Ok(2));
    assert_eq!(read(json!([one, one, other])), Ok(2));
    let third = with(
        serde_json::from_str(&SigningKey::generate(Algorithm::ES256).unwrap().to_jwk().unwrap()).unwrap(),
        &json!({"kid": "ES256"}),
    );
    assert_eq!(read(json!([one, third, other])), Ok(3));
    // A key that is skipped takes no name away.
    let encrypts = with(other.clone(), &json!({"kid": "ES256", "use": "enc"}));
    assert_eq!(read(json!([one, encrypts])), Ok(1));
    // Keys without a name are no duplicates.
    assert_eq!(
        read(json!([with(one.clone(), &json!({"kid": null})), with(other.clone(), &json!({"kid": null}))])),
        Ok(2)
    );

    let many = |count: usize| Value::Array(vec![with(one.clone(), &json!({"kid": null})); count]);
    assert_eq!((read(many(100)), read(many(101))), (Ok(100), Err(JwkSetError::TooLarge)));
    // As many entries as the limit of bytes lets in, and a hundred thousand of them.
    for count in [87_000, 100_000] {
        let crowded = format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(count - 1));
        assert_eq!(crowded.len() <= 256 * 1024, count == 87_000);
        assert_eq!(KeySet::from_jwks(&crowded).unwrap_err(), JwkSetError::TooLarge);
        assert_eq!(KeySet::from_secret_jwks(&crowded).unwrap_err(), JwkSetError::TooLarge);
    }
    let text = json!({"keys": [one]}).to_string();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    assert!(KeySet::from_jwks(padded(256 * 1024)).is_ok());
    assert_eq!(KeySet::from_jwks(padded(256 * 1024 + 1)).unwrap_err(), JwkSetError::TooLarge);
    for malformed in
        ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#, &one.to_string()]
    {
        assert_eq!(KeySet::from_jwks(malformed).unwrap_err(), JwkSetError::Malformed, "{malformed}");
        assert_eq!(KeySet::from_secret_jwks(malformed).unwrap_err(), JwkSetError::Malformed, "{malformed}");
    }

    let read = |keys: Value| KeySet::from_secret_jwks(json!({"keys": keys}).to_string()).map(|set| set.len());
    assert_eq!(read(json!([secret("a"), secret("b")])), Ok(2));
    assert_eq!(read(json!([secret("a"), secret("a")])), Err(JwkSetError::DuplicateKid));
    assert_eq!(read(json!([])), Err(JwkSetError::NoKey));
    let kind = |keys: Value| match read(keys) {
        Err(JwkSetError::Key(error)) => Some(error.kind()),
        _ => None,
    };
    assert_eq!(kind(json!([secret("a"), one])), Some(JwtKeyErrorKind::Public));
    assert_eq!(
        kind(json!([secret("a"), with(secret("b"), &json!({"k": "AA"}))])),
        Some(JwtKeyErrorKind::TooShort)
    );
    // Secrets are not published.
    let mixed = KeySet::new(KEYS.iter().map(SigningKey::verifying_key)).unwrap();
    assert_eq!((mixed.len(), KeySet::from_jwks(mixed.to_jwks()).unwrap().len()), (12, 9));
    assert!(!mixed.is_empty() && KeySet::default().is_empty());
    assert_eq!(mixed.iter().count(), 12);
}

/// Nothing is called `none`, in any casing.
#[test]
fn no_algorithm_is_none() {
    for name in tokens::casings_of_none() {
        assert!(name.parse::<Algorithm>().is_err(), "{name}");
    }
    for unknown in [
        "",
        " ",
        "HS1",
        "RS1",
        "HS256 ",
        " HS256",
        "hs256",
        "HS256\0",
        "ES512",
        "ES256K",
        "EdDSA25519",
        "Ed448",
        "eddsa",
        "RSA-OAEP",
        "dir",
        "A256KW",
    ] {
        assert!(unknown.parse::<Algorithm>().is_err(), "{unknown}");
    }
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
}

/// LG: keys do not print.
#[test]
fn keys_do_not_print() {
    let secret = "canary canary canary canary canary";
    let signing = SigningKey::hs256(secret).unwrap().with_kid("k");
    let verifying = signing.verifying_key();
    let set = KeySet::new([verifying.clone()]).unwrap();
    let found = set.find(None, Algorithm::HS256, NOON).now().unwrap().unwrap();
    let printed = format!("{signing:?} {verifying:?} {set:?} {found:?} {}", set.to_jwks());
    assert!(
        !printed.contains("canary")
            && !printed.contains(&URL_SAFE_NO_PAD.encode(secret))
            && !printed.contains("99, 97, 110")
    );
    assert!(printed.starts_with(r#"SigningKey(HS256, Some("k"), [redacted])"#));
}
