//! The ciphers of encrypted PDFs, ISO 32000-1 clause 7.6.2 and ISO 32000-2 clause 7.6.3. In: a key and encrypted bytes.
//! Out: the bytes; what cannot be decrypted to the end is left as far as it could.

use crate::scalar::Reference;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use md5::{Digest, Md5};

/// How strings or streams are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    /// Not at all.
    Identity,
    /// RC4 with a key for each object.
    Rc4,
    /// AES-128 in CBC mode with a key for each object.
    Aes128,
    /// AES-256 in CBC mode with the key of the file.
    Aes256,
}

/// Algorithm 1 and 1.A: the key of one object.
pub(super) fn object_key(cipher: Cipher, file_key: &[u8], reference: Reference) -> Vec<u8> {
    if cipher == Cipher::Aes256 {
        return file_key.to_vec();
    }
    let mut hash = Md5::new();
    hash.update(file_key);
    hash.update(&reference.number.to_le_bytes()[..3]);
    hash.update(reference.generation.to_le_bytes());
    if cipher == Cipher::Aes128 {
        hash.update(b"sAlT");
    }
    hash.finalize()[..(file_key.len() + 5).min(16)].to_vec()
}

pub(super) fn decrypt(cipher: Cipher, key: &[u8], data: &[u8]) -> Vec<u8> {
    match cipher {
        Cipher::Identity => data.to_vec(),
        Cipher::Rc4 => rc4(key, data),
        Cipher::Aes128 | Cipher::Aes256 => {
            let Some((vector, data)) = data.split_first_chunk::<16>() else { return Vec::new() };
            let mut plain = cbc_decrypt(key, vector, data);
            // PKCS #5: the last byte says how many were added.
            let added = plain.last().map_or(0, |last| usize::from(*last));
            if (1..=16).contains(&added) {
                plain.truncate(plain.len() - added.min(plain.len()));
            }
            plain
        }
    }
}

/// RC4, as no cipher for anything new.
pub(super) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    if key.is_empty() {
        return data.to_vec();
    }
    let mut state: [u8; 256] = std::array::from_fn(|index| index as u8); // below 256
    let mut j = 0u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    let next = |byte: &u8| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        byte ^ state[usize::from(state[usize::from(i)].wrapping_add(state[usize::from(j)]))]
    };
    data.iter().map(next).collect()
}

/// AES in CBC mode without padding; a last incomplete block is dropped. The key has 16 or 32 bytes, else nothing comes out.
pub(super) fn cbc_decrypt(key: &[u8], vector: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let mut blocks: Vec<aes::Block> =
        data.chunks_exact(16).map(|chunk| chunk.try_into().expect("a chunk of 16 bytes")).collect();
    if let Ok(mut cipher) = cbc::Decryptor::<aes::Aes128>::new_from_slices(key, vector) {
        cipher.decrypt_blocks(&mut blocks);
    } else if let Ok(mut cipher) = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, vector) {
        cipher.decrypt_blocks(&mut blocks);
    } else {
        return Vec::new();
    }
    blocks.iter().flat_map(|block| block.iter().copied()).collect()
}

/// AES-128 in CBC mode over whole blocks, for the hash of revision 6.
pub(super) fn cbc_encrypt(key: &[u8; 16], vector: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let mut blocks: Vec<aes::Block> =
        data.chunks_exact(16).map(|chunk| chunk.try_into().expect("a chunk of 16 bytes")).collect();
    cbc::Encryptor::<aes::Aes128>::new(key.into(), vector.into()).encrypt_blocks(&mut blocks);
    blocks.iter().flat_map(|block| block.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_gives_the_stream_of_rfc_6229() {
        let stream = rc4(&[1, 2, 3, 4, 5], &[0; 16]);
        assert_eq!(hex::encode(stream), "b2396305f03dc027ccc3524a0a1118a8");
        let stream = rc4(&hex::decode("0102030405060708090a0b0c0d0e0f10").unwrap(), &[0; 16]);
        assert_eq!(hex::encode(stream), "9ac7cc9a609d1ef7b2932899cde41b97");
    }

    #[test]
    fn what_is_too_short_or_has_no_key_decrypts_to_nothing() {
        assert_eq!(decrypt(Cipher::Aes128, &[0; 16], b"short"), b"");
        assert_eq!(decrypt(Cipher::Aes256, &[0; 5], &[0; 64]), b"");
        assert_eq!(decrypt(Cipher::Identity, &[], b"open"), b"open");
    }
}
