//! VC-JWT, Open Badges 3.0 clause 8.2 (RFC 7515 compact serialization, RFC 7518 RS256). In: a credential and the address of the
//! key. Out: what is to be signed, and with the signature the token.
//!
//! The header has `alg`, `kid` and `typ` and nothing else; the payload is the credential with `iss`, `jti`, `nbf`, `sub` and `exp`
//! repeating what it says.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use pki::{Digest, DigestAlgorithm, PublicKey, Scheme, SignatureAlgorithm};
use serde::Serialize;

use super::credential::BadgeCredential;
use super::open_badges::AchievementCredential;
use super::png;
use crate::error::Error;

/// RS256.
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);

/// A token that waits for its signature.
#[derive(Debug, Clone)]
pub struct SigningInput {
    credential: BadgeCredential,
    text: String,
}

/// A signed badge.
#[derive(Debug, Clone)]
pub struct SignedBadge {
    credential: BadgeCredential,
    compact: String,
}

/// What says how the token is signed (RFC 7515 clause 4.1).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// The payload (RFC 7519 clause 4.1).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    jti: &'a str,
    nbf: i64,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(flatten)]
    credential: &'a AchievementCredential,
}

/// JSON with its members in order, in base64url.
fn encoded(part: &impl Serialize) -> String {
    let sorted = serde_json::to_value(part).expect("texts, numbers and times can be written as JSON");
    BASE64_URL_SAFE_NO_PAD.encode(sorted.to_string())
}

impl SigningInput {
    /// Header and payload for a key whose JWK is served at `key_address` (see [`crate::Settings::key_address`]).
    pub fn new(credential: BadgeCredential, key_address: &str) -> Self {
        let header = Header { alg: "RS256", kid: key_address, typ: "JWT" };
        let claims = Claims {
            iss: credential.issuer_id(),
            jti: credential.id(),
            nbf: credential.valid_from().as_second(),
            sub: credential.subject_id(),
            exp: credential.valid_until().map(|end| end.as_second()),
            credential: credential.content(),
        };
        let text = format!("{}.{}", encoded(&header), encoded(&claims));
        Self { text, credential }
    }

    /// SHA-256 of the text to be signed: what goes to the key server.
    pub fn digest(&self) -> Digest {
        ALGORITHM.digest.digest(self.text.as_bytes())
    }

    /// How the key server is to sign the digest: RSASSA-PKCS1-v1_5 with SHA-256.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        ALGORITHM
    }

    /// The token with this signature value. Whether it is the right one is for [`SignedBadge::verify`] to say.
    pub fn assemble(self, signature: &[u8]) -> SignedBadge {
        let compact = format!("{}.{}", self.text, BASE64_URL_SAFE_NO_PAD.encode(signature));
        SignedBadge { credential: self.credential, compact }
    }
}

impl SignedBadge {
    /// Media type of the compact form (VC-JOSE-COSE clause 3.1.1).
    pub const MEDIA_TYPE: &'static str = "application/vc+jwt";

    /// The compact JWS: three parts in base64url, separated by full stops.
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// What it says.
    pub fn credential(&self) -> &BadgeCredential {
        &self.credential
    }

    /// The badge's picture with the token baked in.
    ///
    /// # Errors
    /// [`Error::BakedPicture`] if the picture holds a badge already.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        png::bake(self.credential.picture().png(), &self.compact)
    }

    /// Checks that the signature is this key's: a key server that signed with another key, or something else, is noticed here.
    ///
    /// # Errors
    /// [`Error::Pki`] if it is not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Error> {
        let malformed =
            |found: &str| Error::BadgeToken { expected: "header.payload.signature", found: found.to_owned() };
        let (text, signature) = self.compact.rsplit_once('.').ok_or_else(|| malformed("no full stop"))?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|error| malformed(&error.to_string()))?;
        Ok(key.verify(ALGORITHM, &ALGORITHM.digest.digest(text.as_bytes()), &signature)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{badge_with_arbitrary_signature, surroundings};
    use super::*;
    use crate::BadgePicture;
    use crate::completion::tests::{example, example_with};
    use serde_json::{Value, json};

    fn part(compact: &str, place: usize) -> Value {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(compact.split('.').nth(place).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn the_header_has_three_members_and_the_claims_repeat_the_credential() {
        let completion = example_with(|data| data.valid_until = Some(jiff::civil::date(2030, 3, 31)));
        let badge = badge_with_arbitrary_signature(&completion);
        let header = part(badge.compact(), 0);
        assert_eq!(header, json!({ "alg": "RS256", "kid": "http://127.0.0.1:8700/issuer/keys/test", "typ": "JWT" }));
        let payload = part(badge.compact(), 1);
        assert_eq!(payload["iss"], payload["issuer"]["id"]);
        assert_eq!(payload["jti"], payload["id"]);
        assert_eq!(payload["sub"], payload["credentialSubject"]["id"]);
        let seconds = |member: &str| payload[member].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        assert_eq!(payload["nbf"], seconds("validFrom"));
        assert_eq!(payload["exp"], seconds("validUntil"));
    }

    #[test]
    fn the_digest_is_over_header_and_payload_in_base64url() {
        let (settings, number, at) = surroundings();
        let picture = BadgePicture::bundled().unwrap();
        let credential = BadgeCredential::new(&example(), &number, &settings, &picture, at).unwrap();
        let input = SigningInput::new(credential, &settings.key_address("test"));
        let digest = input.digest();
        let badge = input.assemble(b"signature");
        let (signed, signature) = badge.compact().rsplit_once('.').unwrap();
        assert_eq!(digest, DigestAlgorithm::Sha256.digest(signed.as_bytes()));
        assert_eq!(signature, "c2lnbmF0dXJl");
    }

    #[test]
    fn a_signature_of_another_key_is_noticed() {
        let key = PublicKey::from_pem(super::super::jwk::tests::RFC_7638_KEY).unwrap();
        assert!(badge_with_arbitrary_signature(&example()).verify(&key).is_err());
    }
}
