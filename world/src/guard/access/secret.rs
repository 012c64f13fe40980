//! The secrets that let into an exposed server: a token for programs, a join code for people, and what is kept of either.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Who has it may do everything: 16 to 512 characters of a bearer token (RFC 6750 clause 2.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

/// It cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "wanted a token of 16 to 512 letters, digits and -._~+/ (RFC 6750 clause 2.1), as `openssl rand -hex 16` makes one"
)]
pub struct NoToken;

impl Token {
    /// A new one, of 128 random bits.
    pub fn random() -> Token {
        Token(hex::encode(crate::random::bytes::<16>()))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Token, NoToken> {
        let fine = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/=".contains(&c);
        match (16..=512).contains(&text.len()) && text.bytes().all(fine) {
            true => Ok(Token(text.into())),
            false => Err(NoToken),
        }
    }
}

impl TryFrom<String> for Token {
    type Error = NoToken;

    fn try_from(text: String) -> Result<Token, NoToken> {
        text.parse()
    }
}

impl From<Token> for String {
    fn from(token: Token) -> String {
        token.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)") // no log has it
    }
}

/// Lets a group into one world: eight syllables, such as `kado-rimu-sote-nabu`, that can be said aloud. Capitals, blanks and hyphens do
/// not count. Those of earlier versions have six.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JoinCode(String);

/// It cannot be a join code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wanted a join code such as kado-rimu-sote-nabu")]
pub struct NoJoinCode;

/// Sounds that are told apart in Japanese and in English.
const CONSONANTS: [char; 12] = ['b', 'd', 'g', 'h', 'k', 'm', 'n', 'p', 'r', 's', 't', 'z'];
const VOWELS: [char; 5] = ['a', 'i', 'u', 'e', 'o'];
const SYLLABLES: usize = 8;
const SYLLABLES_BEFORE: usize = 6;

impl JoinCode {
    /// A new one, of 47 random bits.
    pub fn random() -> JoinCode {
        let one = |number: u32| {
            let number = number as usize % (CONSONANTS.len() * VOWELS.len());
            [CONSONANTS[number / VOWELS.len()], VOWELS[number % VOWELS.len()]]
        };
        let numbers = std::iter::repeat_with(|| u32::from_le_bytes(crate::random::bytes()));
        JoinCode(numbers.take(SYLLABLES).flat_map(one).collect())
    }

    /// Whether it has what a code has today, so that it need not be protected from guesses as earlier ones.
    pub(super) fn is_long(&self) -> bool {
        self.0.len() == 2 * SYLLABLES
    }

    /// The letters alone.
    pub(super) fn letters(&self) -> &str {
        &self.0
    }
}

impl FromStr for JoinCode {
    type Err = NoJoinCode;

    fn from_str(text: &str) -> Result<JoinCode, NoJoinCode> {
        let letters = letters_of(text);
        let pairs = letters.as_bytes().chunks(2);
        let is_syllable = |pair: &[u8]| match pair {
            [first, second] => CONSONANTS.contains(&char::from(*first)) && VOWELS.contains(&char::from(*second)),
            _ => false,
        };
        let fine = [SYLLABLES, SYLLABLES_BEFORE].contains(&pairs.len()) && pairs.into_iter().all(is_syllable);
        if fine { Ok(JoinCode(letters)) } else { Err(NoJoinCode) }
    }
}

impl TryFrom<String> for JoinCode {
    type Error = NoJoinCode;

    fn try_from(text: String) -> Result<JoinCode, NoJoinCode> {
        text.parse()
    }
}

impl From<JoinCode> for String {
    fn from(code: JoinCode) -> String {
        code.to_string()
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, letter) in self.0.chars().enumerate() {
            if number % 4 == 0 && number > 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// What counts of a code as somebody typed it.
pub(super) fn letters_of(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).flat_map(char::to_lowercase).collect()
}

/// What is kept of a secret: its digest, compared octet by octet to the end.
#[derive(Clone, Copy, Debug, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(secret: &str) -> Fingerprint {
        Fingerprint(Sha256::digest(secret).into())
    }

    /// What tells apart the cookies of testbeds at other ports of one host, which browsers do not (RFC 6265 clause 8.5).
    pub(super) fn of_testbed(token: &str, port: u16) -> String {
        let digest = Sha256::new().chain_update(b"eseal testbed").chain_update(port.to_be_bytes()).chain_update(token);
        hex::encode(&digest.finalize()[..4])
    }

    /// What nobody can make who does not know that token.
    pub(super) fn sealed_with(&self, token: &str) -> String {
        let length = (token.len() as u64).to_be_bytes();
        let digest = Sha256::new().chain_update(b"eseal cookie").chain_update(length).chain_update(token);
        hex::encode(digest.chain_update(self.0).finalize())
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Fingerprint) -> bool {
        self.0.iter().zip(&other.0).fold(0, |difference, (one, two)| difference | (one ^ two)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_fits_into_a_header() {
        for text in ["0123456789abcdef", "a-b.c~d+e/f=_ghijk"] {
            assert_eq!(text.parse::<Token>().unwrap().as_str(), text);
        }
        for text in ["", "short", "0123456789abcde\n", "with a blank in it", "0123456789abcdefé"] {
            assert_eq!(text.parse::<Token>(), Err(NoToken), "{text}");
        }
        assert!(Token::random().as_str().parse::<Token>().is_ok() && Token::random() != Token::random());
        assert!(!format!("{:?}", Token::random()).contains(char::is_numeric));
    }

    #[test]
    fn a_join_code_is_read_as_people_type_it() {
        let code: JoinCode = "kado-rimu-sote".parse().unwrap();
        assert_eq!(code.to_string(), "kado-rimu-sote");
        for typed in ["KADO RIMU SOTE", " kadorimusote ", "kado - rimu - sote"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        assert_eq!("kado-rimu-sote-nabu".parse::<JoinCode>().unwrap().to_string(), "kado-rimu-sote-nabu");
        for wrong in ["", "kado", "kado-rimu-sot", "kado-rimu-sotex", "akod-rimu-sote", "kado-rimu-sote-na"] {
            assert_eq!(wrong.parse::<JoinCode>(), Err(NoJoinCode), "{wrong}");
        }
        let random = JoinCode::random();
        assert!(random.is_long() && !code.is_long());
        assert_eq!(random.to_string().parse(), Ok(random));
    }
}
