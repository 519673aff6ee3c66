//! Random secrets: of sessions and tokens, one-time passwords and recovery codes. Only their hashes are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use super::keys::KeysError;

/// 32 letters and digits that are not confused when read out or copied by hand.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Returns 256 random bits in base64.
pub(super) fn random() -> Result<SecretString, KeysError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| KeysError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// Returns a secret to be typed: groups of four characters of five bits each, separated by hyphens.
pub(super) fn typed(groups: usize) -> Result<SecretString, KeysError> {
    let mut text = String::new();
    for group in 0..groups {
        if group > 0 {
            text.push('-');
        }
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|_| KeysError::Random)?;
        let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
        text.extend(letters.map(|letter| char::from(*letter)));
    }
    Ok(text.into())
}

/// Returns the hash under which a random secret is stored and found. It needs neither salt nor work, because nobody can
/// guess the secret.
pub(super) fn hash(secret: &SecretString) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("jangbu 2026-11 hash of a secret that was made at random");
    hasher.update(secret.expose_secret().as_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_so_do_their_hashes() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(hash(&one), hash(&other));
        assert_eq!(hash(&one), hash(&one.clone()));
    }

    #[test]
    fn a_typed_secret_is_in_groups() {
        let code = typed(4).unwrap();
        let groups: Vec<_> = code.expose_secret().split('-').collect();
        assert_eq!(groups.len(), 4);
        assert!(groups.iter().all(|group| group.len() == 4 && group.bytes().all(|letter| LETTERS.contains(&letter))));
    }
}
