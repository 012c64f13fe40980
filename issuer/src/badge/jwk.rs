//! The public key of badges (RFC 7518 clause 6.3.1). In: an RSA public key. Out: its thumbprint (RFC 7638), which names it, and the
//! JSON Web Key that is served at the `kid` of a badge token.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use pki::PublicKey;
use sha2::{Digest as _, Sha256};

use crate::api::JsonWebKey;
use crate::error::Error;

/// An RSA public key that badges are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeKey {
    public: PublicKey,
    modulus: String,
    exponent: String,
}

impl BadgeKey {
    /// A public key. Badges are signed with RS256, the one algorithm that every Open Badges reader knows.
    ///
    /// # Errors
    /// [`Error::BadgeToken`] for a key that is not RSA of at least 2048 bits.
    pub fn new(public: PublicKey) -> Result<Self, Error> {
        let kind = public.kind();
        let unfit = || Error::BadgeToken { expected: "an RSA key of at least 2048 bits", found: kind.to_string() };
        if !matches!(kind, pki::KeyKind::Rsa { bits } if bits >= 2048) {
            return Err(unfit());
        }
        let (modulus, exponent) = public.rsa_components().ok_or_else(unfit)?;
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let (modulus, exponent) = (encode(modulus), encode(exponent));
        Ok(Self { public, modulus, exponent })
    }

    /// The key itself.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Name of the key: base64url of SHA-256 over the members `e`, `kty`, `n`.
    pub fn thumbprint(&self) -> String {
        let members = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, self.exponent, self.modulus);
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }

    /// The key as it is served at `address`, which is the `kid`.
    pub fn json_web_key(&self, address: String) -> JsonWebKey {
        JsonWebKey {
            alg: "RS256".to_owned(),
            e: self.exponent.clone(),
            kid: address,
            kty: "RSA".to_owned(),
            n: self.modulus.clone(),
            usage: "sig".to_owned(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The public key of RFC 7638 clause 3.1.
    pub(crate) const RFC_7638_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX
ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS
oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt
7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0
zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f
M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK
gwIDAQAB
-----END PUBLIC KEY-----
";

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        let key = BadgeKey::new(PublicKey::from_pem(RFC_7638_KEY).unwrap()).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let json = serde_json::to_string(&key.json_web_key("http://127.0.0.1/k".to_owned())).unwrap();
        let begin = r#"{"alg":"RS256","e":"AQAB","kid":"http://127.0.0.1/k","kty":"RSA","n":"0vx7"#;
        assert!(json.starts_with(begin) && json.ends_with(r#"","use":"sig"}"#), "{json}");
    }

    #[test]
    fn an_elliptic_curve_key_is_refused() {
        let pem = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----";
        assert!(BadgeKey::new(PublicKey::from_pem(pem).unwrap()).unwrap_err().to_string().contains("P-256"));
    }
}
