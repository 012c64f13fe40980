//! The key of an encrypted file whose user password is empty, ISO 32000-1 clause 7.6.3.3 and ISO 32000-2 clause 7.6.4.3.
//! In: the encryption dictionary and the first part of /ID. Out: the key, if /U confirms it.

use super::cipher::{cbc_decrypt, cbc_encrypt, rc4};
use crate::object::{Dictionary, Object};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// What pads a password to 32 bytes, and is all of an empty one.
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

pub(super) fn without_password(dictionary: &Dictionary, identifier: &[u8], encrypts_metadata: bool) -> Option<Vec<u8>> {
    let number = |key| dictionary.get(key).and_then(Object::as_integer);
    let text = |key| dictionary.get(key).and_then(Object::as_string).map(|text| text.bytes.as_slice());
    let (revision, user) = (number("R")?, text("U")?);
    match revision {
        2..=4 => {
            let length = length(dictionary, revision)?;
            let mut hash = Md5::new();
            hash.update(PADDING);
            hash.update(text("O")?.get(..32)?);
            hash.update((number("P")? as u32).to_le_bytes()); // 32 flags, written as a signed number
            hash.update(identifier);
            if revision == 4 && !encrypts_metadata {
                hash.update([0xFF; 4]);
            }
            let mut key = hash.finalize().to_vec();
            key.truncate(length);
            if revision > 2 {
                for _ in 0..50 {
                    key = Md5::digest(&key)[..length].to_vec();
                }
            }
            confirms(revision, &key, user, identifier).then_some(key)
        }
        5 | 6 => {
            let (proof, salts) = user.get(..48)?.split_at(32);
            let (validation, key_salt) = salts.split_at(8);
            let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
            let encrypted = text("UE")?.get(..32)?;
            (hash(validation) == proof).then(|| cbc_decrypt(&hash(key_salt), &[0; 16], encrypted))
        }
        _ => None,
    }
}

/// /Length in bytes: 5 to 16. In version 4 it stands in the crypt filter, if anywhere, and AES has 16 always.
fn length(dictionary: &Dictionary, revision: i64) -> Option<usize> {
    if revision == 2 {
        return Some(5);
    }
    let number = |dictionary: &Dictionary| dictionary.get("Length").and_then(Object::as_size);
    if revision == 3 {
        let bits = number(dictionary).unwrap_or(40);
        return (bits % 8 == 0 && (40..=128).contains(&bits)).then_some(bits / 8);
    }
    let name = dictionary.get("StmF").and_then(Object::as_name)?;
    let filters = dictionary.get("CF").and_then(Object::as_dictionary)?;
    let filter =
        filters.entries().iter().find(|entry| entry.key == *name).and_then(|entry| entry.value.as_dictionary());
    let is_rc4 = filter.is_some_and(|filter| filter.has_name("CFM", "V2"));
    match filter.and_then(number).filter(|_| is_rc4) {
        Some(bytes @ 5..=16) => Some(bytes),
        Some(bits @ 40..=128) => Some(bits / 8),
        _ => Some(16),
    }
}

/// Algorithms 4, 5 and 6: whether /U is what the key makes of the padding.
fn confirms(revision: i64, key: &[u8], user: &[u8], identifier: &[u8]) -> bool {
    if revision == 2 {
        return rc4(key, &PADDING) == user.get(..32).unwrap_or_default();
    }
    let mut hash = Md5::new();
    hash.update(PADDING);
    hash.update(identifier);
    let mut proof = hash.finalize().to_vec();
    for round in 0..20u8 {
        let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        proof = rc4(&key, &proof);
    }
    user.get(..16) == Some(proof.as_slice())
}

/// Algorithm 2.B for an empty password: at least 64 rounds, until the last byte of a round is small enough.
fn hardened(salt: &[u8]) -> Vec<u8> {
    const MOST: usize = 64 + 256; // the last byte is at most 255
    let mut key = Sha256::digest(salt).to_vec();
    for round in 1..=MOST {
        let input = key.repeat(64);
        let Some((cipher_key, (vector, _))) =
            key.split_first_chunk::<16>().and_then(|(key, rest)| Some((key, rest.split_first_chunk::<16>()?)))
        else {
            return key;
        };
        let encrypted = cbc_encrypt(cipher_key, vector, &input);
        let modulus: u32 = encrypted.iter().take(16).map(|byte| u32::from(*byte)).sum::<u32>() % 3; // 256 is 1 modulo 3
        let last = encrypted.last().map_or(0, |last| usize::from(*last));
        key = match modulus {
            0 => Sha256::digest(&encrypted).to_vec(),
            1 => Sha384::digest(&encrypted).to_vec(),
            _ => Sha512::digest(&encrypted).to_vec(),
        };
        if round >= 64 && last <= round - 32 {
            break;
        }
    }
    key.truncate(32);
    key
}
