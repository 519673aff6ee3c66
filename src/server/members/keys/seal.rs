//! Sealing: XChaCha20-Poly1305 with a random nonce in front, bound to what the value belongs to.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::ExposeSecret;

use super::{Key, KeysError, Label};

const NONCE_BYTES: usize = 24;

/// Returns 256 random bits of the operating system.
///
/// # Errors
/// [`KeysError::Random`] when it has none.
pub(super) fn random_key() -> Result<Key, KeysError> {
    let mut bytes = Box::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeysError::Random)?;
    Ok(Key::new(bytes))
}

/// Returns a random number that distinguishes the key files of a bank from another's. Never 0.
///
/// # Errors
/// [`KeysError::Random`] when the operating system has none.
pub(super) fn random_id() -> Result<u128, KeysError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| KeysError::Random)?;
    Ok(u128::from_le_bytes(bytes).max(1))
}

/// The nonce and the ciphertext.
pub(super) fn seal(key: &Key, label: Label<'_>, plain: &[u8]) -> Result<Vec<u8>, KeysError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| KeysError::Random)?;
    let aad = bound_to(label);
    let payload = Payload { msg: plain, aad: &aad };
    let cipher = XChaCha20Poly1305::new(key.expose_secret().into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| KeysError::Sealed)?;
    Ok([&nonce[..], &sealed[..]].concat())
}

/// The plaintext.
pub(super) fn open(key: &Key, label: Label<'_>, sealed: &[u8]) -> Result<Vec<u8>, KeysError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(KeysError::Sealed)?;
    let aad = bound_to(label);
    let payload = Payload { msg: sealed, aad: &aad };
    let cipher = XChaCha20Poly1305::new(key.expose_secret().into());
    cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| KeysError::Sealed)
}

/// Returns the associated data: version, member, kind and key, encoded so that none can run into the next.
fn bound_to(label: Label<'_>) -> Vec<u8> {
    let mut bytes = b"jangbu sealed 1".to_vec();
    bytes.extend_from_slice(label.member.0.as_bytes());
    for part in [label.kind, label.key] {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::MemberId;
    use super::*;

    #[test]
    fn a_sealed_value_opens_as_what_it_is_and_as_nothing_else() {
        let key = random_key().unwrap();
        let label = Label { member: MemberId::random(), kind: "member", key: "a" };
        let sealed = seal(&key, label, b"Mina Kim").unwrap();
        assert!(!sealed.windows(4).any(|bytes| bytes == b"Mina"));
        assert_eq!(open(&key, label, &sealed).unwrap(), b"Mina Kim");
        for other in [
            Label { member: MemberId::random(), ..label },
            Label { kind: "session", ..label },
            Label { key: "b", ..label },
            Label { kind: "membe", key: "ra", ..label },
        ] {
            assert!(open(&key, other, &sealed).is_err(), "{other:?}");
        }
        assert!(open(&random_key().unwrap(), label, &sealed).is_err());
        assert_ne!(seal(&key, label, b"Mina Kim").unwrap(), sealed, "every nonce is new");
    }

    #[test]
    fn every_byte_counts() {
        let key = random_key().unwrap();
        let label = Label { member: MemberId::random(), kind: "member", key: "a" };
        let sealed = seal(&key, label, b"x").unwrap();
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(open(&key, label, &damaged).is_err(), "byte {at}");
            assert!(open(&key, label, &sealed[..at]).is_err(), "{at} bytes");
        }
    }
}
