//! Devices that signed in before: what their long-lived cookie proves, and how their failures are counted.
//!
//! For up to [`MOST_MEMBERS`] members of one browser, the cookie contains a random mark, an expiry, and a keyed hash
//! over both, the member, and the hash of the member's password. The server stores nothing of it. When a password is
//! changed, reset or erased, all devices are forgotten with it, and the cookie contains no names. It signs nobody in:
//! its only effect is that attempts by strangers do not delay the member.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jangbu::Timestamp;

use super::keys::KeysError;
use super::{MemberError, MemberId, Members};
use crate::server::config::Config;

/// How long a device is recognised without another sign-in.
const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 3_600);
/// The most members for whom one browser is recognised.
const MOST_MEMBERS: usize = 4;
/// The most cookies of the name that are checked: one, or one for each path for which one was set.
const MOST_TRIED: usize = 4;
const MARK_BYTES: usize = 16;
const UNTIL_BYTES: usize = 8;
const ENTRY_BYTES: usize = MARK_BYTES + UNTIL_BYTES + blake3::OUT_LEN;

/// The device cookie of a browser: one entry for each member who signed in with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Devices(Vec<Entry>);

/// A device of a member.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    mark: [u8; MARK_BYTES],
    until_s: u64,
    proof: [u8; blake3::OUT_LEN],
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl Entry {
    fn read(text: &str) -> Option<Entry> {
        let bytes: [u8; ENTRY_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (mark, rest) = bytes.split_first_chunk::<MARK_BYTES>()?;
        let (until, proof) = rest.split_first_chunk::<UNTIL_BYTES>()?;
        Some(Entry { mark: *mark, until_s: u64::from_be_bytes(*until), proof: proof.try_into().ok()? })
    }

    fn written(&self) -> String {
        let mut bytes = Vec::with_capacity(ENTRY_BYTES);
        bytes.extend_from_slice(&self.mark);
        bytes.extend_from_slice(&self.until_s.to_be_bytes());
        bytes.extend_from_slice(&self.proof);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The name and attributes of the device cookie.
#[derive(Clone, Debug)]
pub(crate) struct DeviceCookies {
    name: Arc<str>,
    secure: bool,
}

impl DeviceCookies {
    /// Makes the cookie for the service of a bank; `bank` distinguishes it from others.
    pub(super) fn of(config: &Config, bank: &str) -> DeviceCookies {
        let secure = config.is_https();
        let prefix = if secure { "__Host-" } else { "" };
        DeviceCookies { name: format!("{prefix}jangbu-device-{bank}").into(), secure }
    }

    /// Reads the device cookie of a request.
    pub(crate) fn read(&self, request: &HttpRequest) -> Devices {
        let Ok(cookies) = request.cookies() else { return Devices::default() };
        let ours = cookies.iter().filter(|cookie| cookie.name() == &*self.name).take(MOST_TRIED);
        let entries = ours.flat_map(|cookie| cookie.value().split('.').take(MOST_MEMBERS)).filter_map(Entry::read);
        Devices(entries.collect())
    }

    fn with(&self, entries: &[Entry]) -> Cookie<'static> {
        let value = entries.iter().map(Entry::written).collect::<Vec<_>>().join(".");
        let lasts = time::Duration::try_from(KNOWN_FOR).unwrap_or(time::Duration::DAY);
        Cookie::build(self.name.to_string(), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .max_age(lasts)
            .finish()
    }
}

impl Devices {
    /// Whether the browser has no entry.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Members {
    /// Returns the mark of the device's entry for a member, if it is valid.
    pub(super) fn mark_of(
        &self,
        devices: &Devices,
        member: MemberId,
        password: &str,
        now: Timestamp,
    ) -> Option<[u8; 16]> {
        let now_s = seconds(now);
        let is_known = |entry: &&Entry| {
            let proof = self.device_proof(member, entry.mark, entry.until_s, password);
            // Compared in constant time.
            now_s < entry.until_s && proof.is_ok_and(|proof| proof == blake3::Hash::from_bytes(entry.proof))
        };
        devices.0.iter().find(is_known).map(|entry| entry.mark)
    }

    /// Returns the cookie for a device on which a member just signed in, with a new mark.
    ///
    /// # Errors
    /// As of reading the credentials.
    pub(crate) async fn device_cookie(
        &self,
        member: MemberId,
        devices: &Devices,
    ) -> Result<Option<Cookie<'static>>, MemberError> {
        let Some(found) = self.credentials(member).await? else { return Ok(None) };
        let (now, password) = (self.time.now(), &found.credentials.password);
        let before = self.mark_of(devices, member, password, now);
        let mut mark = [0; MARK_BYTES];
        getrandom::fill(&mut mark).map_err(|_| KeysError::Sealed)?;
        let until_s = seconds(now.after(KNOWN_FOR));
        let proof = self.device_proof(member, mark, until_s, password)?;
        let mut entries = vec![Entry { mark, until_s, proof: *proof.as_bytes() }];
        entries.extend(devices.0.iter().filter(|entry| Some(entry.mark) != before).take(MOST_MEMBERS - 1));
        Ok(Some(self.device_cookies.with(&entries)))
    }

    fn device_proof(
        &self,
        member: MemberId,
        mark: [u8; MARK_BYTES],
        until_s: u64,
        password: &str,
    ) -> Result<blake3::Hash, KeysError> {
        let mut text = Vec::from(*member.0.as_bytes());
        text.extend_from_slice(&mark);
        text.extend_from_slice(&until_s.to_be_bytes());
        text.extend_from_slice(password.as_bytes());
        self.keys.hash_device(&text)
    }

    /// The name and attributes of the device cookie.
    pub(crate) const fn device_cookies(&self) -> &DeviceCookies {
        &self.device_cookies
    }
}

fn seconds(moment: Timestamp) -> u64 {
    u64::try_from(moment.as_ns() / 1_000_000_000).unwrap_or_default()
}
