//! Vectors of RFC 5849, OAuth Core 1.0, X and others.

use auth_login::oauth1::{OAuth1Credentials, SignatureMethod, base_string, sign};

/// Signs a request without a version, as the RFC's examples do, unless the parameters have one.
fn signature(
    method: &str,
    url: &str,
    parameters: &[(&str, &str)],
    form: &str,
    client_secret: &str,
    token_secret: &str,
) -> String {
    let base = base_string(method, &url.parse().unwrap(), parameters, form);
    sign(SignatureMethod::HmacSha1, &base, &OAuth1Credentials::new(client_secret, token_secret))
}

/// RFC 5849 section 1.2, the three requests of a client with these credentials.
#[test]
fn the_three_requests_of_the_rfc() {
    let sign = |method: &str, url: &str, more: &[(&str, &str)], token_secret: &str| {
        let mut parameters =
            vec![("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_signature_method", "HMAC-SHA1")];
        parameters.extend_from_slice(more);
        signature(method, url, &parameters, "", "kd94hf93k423kf44", token_secret)
    };
    let initiate = sign(
        "POST",
        "https://photos.example.net/initiate",
        &[
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ],
        "",
    );
    assert_eq!(initiate, "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
    let token = sign(
        "POST",
        "https://photos.example.net/token",
        &[
            ("oauth_token", "hh5s93j4hdidpola"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
            ("oauth_verifier", "hfdp7dh39dks9884"),
        ],
        "hdhd0244k9j7ao03",
    );
    assert_eq!(token, "gKgrFCywp7rO0OXSjdot/IHF7IU=");
    let photos = sign(
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        &[("oauth_token", "nnch734d00sl2jdk"), ("oauth_timestamp", "137131202"), ("oauth_nonce", "chapoH")],
        "pfkkdhi9sl3r4s00",
    );
    assert_eq!(photos, "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
}

/// RFC 5849 section 3.4.1.1: query, header and form, repeated and empty names, a space in two spellings. The
/// signature that the RFC prints beside it is a known erratum.
#[test]
fn the_base_string_of_the_rfc() {
    let parameters = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ];
    let url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b".parse().unwrap();
    let base = base_string("post", &url, &parameters, "c2&a3=2+q");
    assert_eq!(
        base,
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D\
         %26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a\
         %26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    );
    let credentials = OAuth1Credentials::new("j49sk3j29djd", "dh893hdasih9");
    assert_eq!(sign(SignatureMethod::HmacSha1, &base, &credentials), "r6/TJjbCOr97/+UU0NsvSne7s5g=");
    assert_eq!(
        sign(SignatureMethod::HmacSha256, &base, &credentials),
        "lIfydhbOitvsm4DvUwgM0NdR1Mzd08HnXI+q+EG0QKo="
    );
    assert_eq!(sign(SignatureMethod::Plaintext, &base, &credentials), "j49sk3j29djd&dh893hdasih9");
}

/// RFC 5849 section 3.4.1.2.
#[test]
fn the_base_uri_is_normalised() {
    for (method, url, expected) in [
        (
            "get",
            "HTTP://EXAMPLE.COM:80/r%20v/X?id=123",
            "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123",
        ),
        ("GET", "https://www.example.net:8080/?q=1", "GET&https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1"),
        ("GET", "https://example.net:443", "GET&https%3A%2F%2Fexample.net%2F&"),
        ("GET", "https://example.net/a#b", "GET&https%3A%2F%2Fexample.net%2Fa&"),
    ] {
        assert_eq!(base_string(method, &url.parse().unwrap(), &[], ""), expected);
    }
}

/// OAuth Core 1.0 appendix A.5.
#[test]
fn the_photo_example_of_oauth_core() {
    let parameters = [
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1191242096"),
        ("oauth_nonce", "kllo9940pd9333jh"),
        ("oauth_version", "1.0"),
    ];
    let url = "http://photos.example.net/photos?file=vacation.jpg&size=original";
    let found = signature("GET", url, &parameters, "", "kd94hf93k423kf44", "pfkkdhi9sl3r4s00");
    assert_eq!(found, "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
}

/// The example of X's documentation, in its two versions: a form with `+` and `!` in a value.
#[test]
fn the_status_example_of_x() {
    let parameters = [
        ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
        ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1318622958"),
        ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
        ("oauth_version", "1.0"),
    ];
    for (version, expected) in
        [("1", "tnnArxj06cWHq44gCs1OSKk/jLY="), ("1.1", "hCtSmYh+iHYCEqBWrE7C7hYmtUk=")]
    {
        let url = format!("https://api.twitter.com/{version}/statuses/update.json?include_entities=true");
        let form = "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21";
        let found = signature(
            "POST",
            &url,
            &parameters,
            form,
            "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        );
        assert_eq!(found, expected, "{version}");
    }
}

/// The request that the library which this crate replaces signs in its own tests.
#[test]
fn the_example_of_the_replaced_library() {
    let parameters = [
        ("oauth_consumer_key", "blablabla"),
        ("oauth_nonce", "blublublu"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1644067741"),
        ("oauth_version", "1.0"),
        ("oauth_token", "bliblibli"),
    ];
    let url = "https://site.com/endpoint.json?tweet_mode=extended";
    let found = signature("GET", url, &parameters, "", "consumer_secret", "oauth_token_secret");
    assert_eq!(found, "eqgTuU6+8g4Op1Cyu0QWk+watto=");
}

/// Other libraries sign a space as `+`.
#[test]
fn a_space_is_signed_as_20() {
    for query in ["q=a%20b", "q=a+b"] {
        let url = format!("https://a.example/?{query}").parse().unwrap();
        assert!(base_string("GET", &url, &[], "").ends_with("&q%3Da%2520b"), "{query}");
    }
}
