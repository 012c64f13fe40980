//! What one organization puts on all of its certificates. In: its names, the world's address and secret. Out: the addresses and
//! codes of one certificate.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::number::{CertificateNumber, check_prefix};
use crate::picture::{Logo, SealPicture};
use crate::seal_text::SealText;

/// An organization as it issues certificates in a world.
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
    secret: Secret,
    /// From which codes and salts are made: drawn anew for what is issued.
    chance: Secret,
    /// Where its profile is, below the base.
    profile: String,
}

/// An organization in whose name certificates are issued. The e-seal's certificate should name the same one.
#[derive(Debug, Clone)]
pub struct Organization {
    /// By which it is chosen: 1 to 40 of a-z, 0-9 and -.
    pub id: String,
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
    /// A picture of the square seal, which is printed in place of its columns; they then are what it says.
    pub seal_picture: Option<SealPicture>,
    /// The logo, where a template has a place for it.
    pub logo: Option<Logo>,
    /// The beginning of all its certificates' numbers, and of no other organization's: 2 to 8 of A-Z and 0-9, a letter first.
    pub number_prefix: String,
    /// The key server's credential that seals when nothing else is asked for.
    pub seal_credential: String,
    /// The key server's RSA credential that signs badges.
    pub badge_credential: String,
}

impl Organization {
    /// How many characters its name, or its signatory, has at most in a world's plan: so many have room on every template that comes along.
    pub const LONGEST_JA: usize = 60;
    /// The same in English.
    pub const LONGEST_EN: usize = 120;

    /// The testbed's own invented one, 試験大学 / Testbed University, numbers beginning with `TBU`.
    pub fn testbed() -> Organization {
        Organization {
            id: "tbu".to_owned(),
            name_ja: "試験大学".to_owned(),
            name_en: "Testbed University".to_owned(),
            signatory_ja: "学長 試験 太郎".to_owned(),
            signatory_en: "Taro Shiken, President".to_owned(),
            seal: SealText::from_columns("試験/大学/之印").expect("three columns of two characters"),
            seal_picture: None,
            logo: None,
            number_prefix: "TBU".to_owned(),
            seal_credential: "seal-p256".to_owned(),
            badge_credential: "badge-rsa2048".to_owned(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let setting = |name, expected, found: &str| Error::Setting { name, expected, found: found.to_owned() };
        let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=40).contains(&self.id.len()) || !self.id.bytes().all(fine) {
            return Err(setting("organization.id", "1 to 40 of a-z, 0-9 and -", &self.id));
        }
        check_prefix(&self.number_prefix).map_err(|expected| setting("number_prefix", expected, &self.number_prefix))
    }
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

    /// 32 bytes that depend on the secret, the purpose and the number.
    fn derived(&self, purpose: &str, number: &CertificateNumber) -> [u8; 32] {
        self.derived_for(purpose, &number.to_string())
    }

    /// The same for what has another name. Both texts have a fixed form, so a plain prefix hash does.
    fn derived_for(&self, purpose: &str, name: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.finalize().into()
    }
}

/// The organizations of a world, the one by default first.
pub(crate) fn of_a_world(
    organizations: Vec<Organization>,
    base: &str,
    secret: &Secret,
) -> Result<Vec<Arc<Settings>>, Error> {
    let mut all: Vec<Arc<Settings>> = Vec::new();
    for organization in organizations {
        let twice = |name, expected, found: &str| Err(Error::Setting { name, expected, found: found.to_owned() });
        for other in all.iter().map(|settings| settings.organization()) {
            if other.id == organization.id {
                return twice("organization.id", "one that no other organization of the world has", &other.id);
            }
            if other.number_prefix == organization.number_prefix {
                let expected =
                    "one that no other organization of the world has, or two certificates would have one number";
                return twice("number_prefix", expected, &other.number_prefix);
            }
        }
        let settings = Settings::new(organization, base, secret.clone())?;
        all.push(Arc::new(if all.is_empty() { settings } else { settings.beside_the_first() }));
    }
    match all.is_empty() {
        true => Err(Error::Setting { name: "organizations", expected: "at least one", found: "none".to_owned() }),
        false => Ok(all),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl Settings {
    /// Settings for one organization. `base` is the world's public address without a slash at the end.
    ///
    /// # Errors
    /// [`Error::Setting`] for an address that is not `http(s)://…`, an id that cannot stand in an address, or a prefix that cannot
    /// stand in a number.
    pub fn new(organization: Organization, base: &str, secret: Secret) -> Result<Self, Error> {
        let base = base.trim_end_matches('/');
        let scheme = base.starts_with("http://") || base.starts_with("https://");
        if !scheme || base.len() < 8 || base.chars().any(|character| !character.is_ascii_graphic()) {
            let expected = "an address that begins with http:// or https://";
            return Err(Error::Setting { name: "base", expected, found: base.to_owned() });
        }
        organization.check()?;
        let chance = secret.clone();
        Ok(Self { organization, base: base.to_owned(), secret, chance, profile: "/issuer/profile".to_owned() })
    }

    /// The same with codes and salts that nobody can foretell, whatever else they know: a branch of a world, or a copy, has its secret and
    /// gives the same numbers. They are kept with what is issued.
    pub(crate) fn by_chance(&self) -> Self {
        Self { chance: Secret::new(world::random::bytes()), ..self.clone() }
    }

    /// The same for an organization beside a world's first one, whose profile has the short address.
    #[must_use]
    pub(crate) fn beside_the_first(self) -> Self {
        let profile = format!("/issuer/organizations/{}/profile", self.organization.id);
        Self { profile, ..self }
    }

    /// Those of the testbed's own invented organization.
    ///
    /// # Errors
    /// [`Error::Setting`] if `base` is not an address.
    pub fn testbed(base: &str, secret: Secret) -> Result<Self, Error> {
        Self::new(Organization::testbed(), base, secret)
    }

    /// The organization.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The beginning of every certificate number.
    pub fn number_prefix(&self) -> &str {
        &self.organization.number_prefix
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
        format!("{}{}", self.base, self.profile)
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
    /// 60 bits in the alphabet of Crockford's base 32 (no I, L, O, U). What is issued has the one that is kept with it.
    pub(crate) fn confirmation_code(&self, number: &CertificateNumber) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bytes = self.chance.derived("confirmation code", number);
        let mut code = String::new();
        for (place, byte) in bytes.iter().take(12).enumerate() {
            if place == 4 || place == 8 {
                code.push('-');
            }
            code.push(char::from(ALPHABET[usize::from(byte % 32)]));
        }
        code
    }

    /// The secret of that generation, with which learning platforms sign their messages.
    pub(crate) fn secret_of_messages(&self, generation: i64) -> [u8; 32] {
        self.secret.derived_for("secret of messages", &generation.to_string())
    }

    /// The salt of the recipient's hashed identity in the badge: 32 hex digits.
    pub(crate) fn identity_salt(&self, number: &CertificateNumber) -> String {
        hex::encode(&self.chance.derived("identity salt", number)[..16])
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
        let [one, other] = [settings(1).by_chance(), settings(1).by_chance()];
        let drawn = [one.confirmation_code(&first), other.confirmation_code(&first)];
        assert!(drawn[0] != drawn[1] && !drawn.contains(&codes[0]), "what is issued has a code of its own: {drawn:?}");
        assert_eq!(drawn[0], one.confirmation_code(&first), "on its page and in its row");
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
        let small_letters = Organization { number_prefix: "tbu".to_owned(), ..Organization::testbed() };
        assert!(Settings::new(small_letters, "http://127.0.0.1", Secret::new([0; 32])).is_err());
        let two_segments = Organization { id: "a/b".to_owned(), ..Organization::testbed() };
        assert!(Settings::new(two_segments, "http://127.0.0.1", Secret::new([0; 32])).is_err());
    }
}
