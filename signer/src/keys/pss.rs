//! RSASSA-PSS with salts and masks that the cryptographic module does not have, RFC 8017 clauses 8.1.1 and 9.1.1.
//!
//! In: a digest and any legal parameters. Out: a signature. One modular power that takes the same time whatever the exponent
//! is; a tenth as fast as the module, so that only what it cannot do is done here.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use pki::asn1::{INTEGER, OCTET_STRING, Reader, SEQUENCE};
use pki::{Digest, DigestAlgorithm, KeyKind, SignatureAlgorithm};
use zeroize::Zeroizing;

use crate::{Error, secret};

/// The numbers of an RSA key, big-endian. Wiped when dropped; no `Debug`.
pub(crate) struct PssKey {
    modulus: Vec<u8>,
    private_exponent: Zeroizing<Vec<u8>>,
}

/// The longest salt for which a modulus has room, emLen − hLen − 2 with emLen = ⌈(modulus bits − 1) / 8⌉; `None` if there is
/// not even room for none, or the key is of another kind.
pub(crate) fn longest_salt(kind: KeyKind, digest: DigestAlgorithm) -> Option<usize> {
    let KeyKind::Rsa { bits } = kind else { return None };
    (bits as usize - 1).div_ceil(8).checked_sub(digest.length() + 2)
}

impl PssKey {
    /// Reads a key as the module writes it (RFC 5958, RFC 8017 appendix A.1.2).
    ///
    /// ```text
    /// PrivateKeyInfo ::= SEQUENCE { version INTEGER, algorithm SEQUENCE, privateKey OCTET STRING (RSAPrivateKey), … }
    /// RSAPrivateKey ::= SEQUENCE {
    ///    version INTEGER, modulus INTEGER, publicExponent INTEGER, privateExponent INTEGER, … }
    /// ```
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Option<PssKey> {
        let mut info = Reader::new(pkcs8, "PrivateKeyInfo").sequence("the key").ok()?;
        info.expect(INTEGER, "version").ok()?;
        info.expect(SEQUENCE, "algorithm").ok()?;
        let octets = info.expect(OCTET_STRING, "private key").ok()?;
        let mut key = octets.reader().sequence("RSA private key").ok()?;
        let mut number = |name| Some(key.expect(INTEGER, name).ok()?.value);
        let (_version, modulus) = (number("version")?, number("modulus")?);
        let (_exponent, private_exponent) = (number("public exponent")?, number("private exponent")?);
        let magnitude = |number: &[u8]| number.strip_prefix(&[0]).unwrap_or(number).to_vec();
        Some(PssKey { modulus: magnitude(modulus), private_exponent: Zeroizing::new(magnitude(private_exponent)) })
    }

    /// Signs a digest with the parameters of the algorithm. Whoever asks verifies the outcome, which tells a faulty power.
    pub(crate) fn sign(&self, kind: KeyKind, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let failed = || Error::Module { doing: "signing" };
        let salt_length = algorithm.pss.salt_length as usize;
        if longest_salt(kind, algorithm.digest).is_none_or(|longest| salt_length > longest) {
            return Err(failed());
        }
        let salt = secret::random::<512>()?; // longer than any salt of a modulus of 4096 bits
        let salt = salt.get(..salt_length).ok_or_else(failed)?;
        let KeyKind::Rsa { bits } = kind else { return Err(failed()) };
        let message = encoded(bits as usize - 1, digest, salt, algorithm.pss.mask_digest);
        self.power(&message).ok_or_else(failed)
    }

    /// RSASP1 (clause 5.2.1), in as many bytes as the modulus has.
    fn power(&self, message: &[u8]) -> Option<Vec<u8>> {
        let precision = self.modulus.len() as u32 * 8;
        let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, precision).ok();
        let modulus: Odd<BoxedUint> = Option::from(Odd::new(number(&self.modulus)?))?;
        let exponent = Zeroizing::new(number(&self.private_exponent)?);
        let power = BoxedMontyForm::new(number(message)?, &BoxedMontyParams::new(modulus)).pow(&exponent).retrieve();
        let bytes = power.to_be_bytes();
        Some(bytes[bytes.len().checked_sub(self.modulus.len())?..].to_vec())
    }
}

/// EMSA-PSS-ENCODE (clause 9.1.1) in ⌈`bits` / 8⌉ bytes, which have room for digest and salt.
fn encoded(bits: usize, digest: &Digest, salt: &[u8], mask_digest: DigestAlgorithm) -> Vec<u8> {
    let length = bits.div_ceil(8);
    let hash = digest.algorithm().digest(&[&[0; 8], digest.as_bytes(), salt].concat());
    let block_length = length - hash.as_bytes().len() - 1;
    let mut block = vec![0; block_length - salt.len() - 1];
    block.push(1);
    block.extend_from_slice(salt);
    block.iter_mut().zip(mask(hash.as_bytes(), block_length, mask_digest)).for_each(|(byte, mask)| *byte ^= mask);
    block[0] &= 0xff >> (8 * length - bits);
    [&block, hash.as_bytes(), &[0xbc]].concat()
}

/// MGF1 (appendix B.2.1).
fn mask(seed: &[u8], length: usize, hash: DigestAlgorithm) -> Vec<u8> {
    let block = |counter: u32| hash.digest(&[seed, &counter.to_be_bytes()].concat()).as_bytes().to_vec();
    (0..length.div_ceil(hash.length()) as u32).flat_map(block).take(length).collect()
}
