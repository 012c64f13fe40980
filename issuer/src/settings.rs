//! What one issuer puts on all of its certificates. In: the issuer's names, addresses and secret. Out: the addresses and codes of
//! one certificate.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::number::{CertificateNumber, check_prefix};
use crate::seal_text::SealText;

/// The issuer of certificates.
///
/// ```
/// use issuer::{CertificateNumber, Secret, Settings};
///
/// let settings = Settings::testbed("http://127.0.0.1:8700", Secret::new([7; 32]))?;
/// let number = CertificateNumber::new(settings.number_prefix(), 2026, 1)?;
/// assert_eq!(settings.certificate_address(&number), "http://127.0.0.1:8700/c/TBU-2026-000001-N");
/// # Ok::<(), issuer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    organization: Organization,
    base: String,
    number_prefix: String,
    secret: Secret,
}

/// The organization in whose name certificates are issued. The e-seal's certificate should name the same one.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Japanese name, as printed and as the badge's issuer.
    pub name_ja: String,
    /// English name.
    pub name_en: String,
    /// Who signs for it on paper, Japanese: 学長 試験 太郎.
    pub signatory_ja: String,
    /// The same in English.
    pub signatory_en: String,
    /// The columns of the square seal (角印).
    pub seal: SealText,
}

/// 32 random bytes that never leave the issuer. They make confirmation codes and the salts of badges unguessable for those who
/// only know the (sequential) certificate numbers.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// 32 bytes that depend on the secret, the purpose and the number. Both texts have a fixed form, so a plain prefix hash does.
    fn derived(&self, purpose: &str, number: &CertificateNumber) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(number.to_string().as_bytes());
        hash.finalize().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl Settings {
    /// Settings for one organization. `base` is the world's public address without a slash at the end, `number_prefix` begins
    /// every certificate number.
    ///
    /// # Errors
    /// [`Error::Setting`] for an address that is not `http(s)://…` or a prefix that cannot stand in a number.
    pub fn new(organization: Organization, base: &str, number_prefix: &str, secret: Secret) -> Result<Self, Error> {
        let base = base.trim_end_matches('/');
        let scheme = base.starts_with("http://") || base.starts_with("https://");
        if !scheme || base.len() < 8 || base.chars().any(|character| !character.is_ascii_graphic()) {
            let expected = "an address that begins with http:// or https://";
            return Err(Error::Setting { name: "base", expected, found: base.to_owned() });
        }
        check_prefix(number_prefix).map_err(|expected| Error::Setting {
            name: "number_prefix",
            expected,
            found: number_prefix.to_owned(),
        })?;
        Ok(Self { organization, base: base.to_owned(), number_prefix: number_prefix.to_owned(), secret })
    }

    /// The testbed's own invented issuer, 試験大学 / Testbed University, numbers beginning with `TBU`.
    ///
    /// # Errors
    /// [`Error::Setting`] if `base` is not an address.
    pub fn testbed(base: &str, secret: Secret) -> Result<Self, Error> {
        let organization = Organization {
            name_ja: "試験大学".to_owned(),
            name_en: "Testbed University".to_owned(),
            signatory_ja: "学長 試験 太郎".to_owned(),
            signatory_en: "Taro Shiken, President".to_owned(),
            seal: SealText::from_columns("試験/大学/之印")?,
        };
        Self::new(organization, base, "TBU", secret)
    }

    /// The organization.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The beginning of every certificate number.
    pub fn number_prefix(&self) -> &str {
        &self.number_prefix
    }

    /// The public verification page of a certificate, printed and in the QR code.
    pub fn certificate_address(&self, number: &CertificateNumber) -> String {
        format!("{}/c/{number}", self.base)
    }

    /// Where the sealed file of a certificate is served.
    pub fn pdf_address(&self, number: &CertificateNumber) -> String {
        format!("{}/issuer/api/certificates/{number}/pdf", self.base)
    }

    /// Where the badge of a certificate is served.
    pub fn badge_address(&self, number: &CertificateNumber) -> String {
        format!("{}/issuer/api/certificates/{number}/badge", self.base)
    }

    /// Id of the badge's issuer profile, where its JSON is served.
    pub fn profile_address(&self) -> String {
        format!("{}/issuer/profile", self.base)
    }

    /// Where the JWK of a badge key is served; by its thumbprint: the `kid` of a badge token (Open Badges 3.0, clause 8.2.3).
    pub fn key_address(&self, name: &str) -> String {
        format!("{}/issuer/keys/{name}", self.base)
    }

    /// Where a badge picture is served, named by its SHA-256 in lower hex.
    pub fn picture_address(&self, sha256: &str) -> String {
        format!("{}/issuer/pictures/{sha256}.png", self.base)
    }

    /// 確認コード: twelve characters that only the holder of the certificate and the issuer know, such as `7QF2-M8KD-0VXA`.
    /// 60 bits in the alphabet of Crockford's base 32 (no I, L, O, U).
    pub fn confirmation_code(&self, number: &CertificateNumber) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bytes = self.secret.derived("confirmation code", number);
        let mut code = String::new();
        for (place, byte) in bytes.iter().take(12).enumerate() {
            if place == 4 || place == 8 {
                code.push('-');
            }
            code.push(char::from(ALPHABET[usize::from(byte % 32)]));
        }
        code
    }

    /// The salt of the recipient's hashed identity in the badge: 32 hex digits.
    pub fn identity_salt(&self, number: &CertificateNumber) -> String {
        hex::encode(&self.secret.derived("identity salt", number)[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(secret: u8) -> Settings {
        Settings::testbed("http://127.0.0.1:8700/", Secret::new([secret; 32])).unwrap()
    }

    #[test]
    fn codes_and_salts_depend_on_the_number_and_on_the_secret() {
        let first = CertificateNumber::new("TBU", 2026, 1).unwrap();
        let second = CertificateNumber::new("TBU", 2026, 2).unwrap();
        let codes = [
            settings(1).confirmation_code(&first),
            settings(1).confirmation_code(&second),
            settings(2).confirmation_code(&first),
        ];
        assert!(codes[0] != codes[1] && codes[0] != codes[2]);
        assert_eq!(codes[0], settings(1).confirmation_code(&first), "the same again");
        assert_eq!(codes[0].len(), 14);
        assert_ne!(settings(1).identity_salt(&first), settings(1).identity_salt(&second));
    }

    #[test]
    fn the_secret_is_never_in_debug_output() {
        assert!(!format!("{:?}", settings(0xAB)).contains("171"));
    }

    #[test]
    fn an_address_without_scheme_and_a_bad_prefix_are_refused() {
        assert!(Settings::testbed("127.0.0.1:8700", Secret::new([0; 32])).is_err());
        let organization = settings(0).organization().clone();
        assert!(Settings::new(organization, "http://127.0.0.1", "tbu", Secret::new([0; 32])).is_err());
    }
}
