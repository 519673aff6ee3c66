//! Every key that can be set, with its default and its meaning, in the order in which they are shown.

/// A setting.
#[derive(Debug)]
pub(super) struct Key {
    /// The key in the file; a dot follows the name of a table.
    pub(super) name: &'static str,
    /// What is in force when nobody sets it; empty for nothing.
    pub(super) default: &'static str,
    /// What it sets, as `jangbu config --format json` and `docs/reference/settings.md` show it.
    pub(super) about: &'static str,
    /// Whether it is never shown.
    pub(super) secret: bool,
}

const fn key(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key { name, default, about, secret: false }
}

/// All keys.
pub(super) const KEYS: &[Key] = &[
    key("name", "Jangbu", "Name of the bank, also shown in authenticator apps."),
    key("listen", "127.0.0.1:8080", "Address and port of the service."),
    key(
        "operator_listen",
        "",
        "Address and port for `/healthz`, `/readyz` and `/metrics`, which are then 404 at `listen`. Empty: they are served \
         at `listen`. Health checks of a proxy must use this address.",
    ),
    key(
        "public_url",
        "",
        "URL under which browsers reach the service. With https, cookies are `Secure` with the prefix `__Host-`, and HSTS \
         is sent.",
    ),
    key("insecure_http", "false", "Allow serving other machines without https."),
    key(
        "trusted_proxies",
        "",
        "Addresses or networks whose `X-Forwarded-For` is believed. The client is the rightmost address that is not one of \
         them. With an https `public_url` and no trusted proxy, all clients share the proxy's address, and the start warns.",
    ),
    key("sign_up", "true", "Allow anyone to sign up."),
    key(
        "time_zone",
        "Asia/Seoul",
        "IANA time zone of a new bank; its midnight turns the business day. `open` and `import` read it too. An existing bank \
         keeps its own zone: a different setting is a warning.",
    ),
    key(
        "clock_lead_s",
        "86400",
        "How far past the trusted time the clock may read before the bank stops deciding; see The clock. \
         All commands read it.",
    ),
    key(
        "require_idempotency_key",
        "false",
        "Refuse requests that move money without an `Idempotency-Key` (400). Recommended where programs pay.",
    ),
    key(
        "storage_reserve_bytes",
        "1073741824",
        "Disk space that members' writes leave free; see Storage. The smaller of this and \
         `storage_reserve_percent` applies. 0: no reserve.",
    ),
    key("storage_reserve_percent", "5", "The same as a percentage of the disk."),
    key("access_log", "true", "Log a line per request, without query strings and bodies."),
    key("sessions.idle_timeout_s", "1800", "A session ends after this time without a request."),
    key("sessions.absolute_timeout_s", "43200", "A session ends after this time in any case."),
    key("sessions.proof_s", "300", "How long a sign-in or another proof counts as fresh; see Fresh proof."),
    key(
        "second_factor",
        "administrators",
        "Who must have a second factor: `nobody`, `administrators` or `staff`. Without one, they can sign in only to set it \
         up. With `--demo` the default is `nobody`.",
    ),
    key(
        "transfers.proof_above",
        "",
        "Amount per 24 hours above which a member's payments, and a teller's postings, need a fresh proof. Minor units by \
         currency: `KRW:1000000,USD:100000`.",
    ),
    key(
        "transfers.second_factor_above",
        "",
        "Amount per 24 hours above which that proof must include a second factor. Minor units by currency.",
    ),
    key(
        "rates.sign_in_per_address",
        "20",
        "Sign-ins per minute from one address by clients that are not known devices. Larger networks have multiples; see \
         below.",
    ),
    key("rates.sign_up_per_address", "10", "Sign-ups per hour from one address."),
    key("rates.sign_up_total", "600", "Sign-ups per hour in total."),
    key(
        "rates.changes_per_member",
        "60",
        "Changes per hour to a member's own profile, accounts, tokens and schedules, by member.",
    ),
    key("rates.changes_per_address", "600", "The same by address."),
    key("rates.changes_total", "60000", "The same in total."),
    key(
        "rates.credentials_per_member",
        "30",
        "Changes of passwords and second factors, and proofs, per hour, by session or token.",
    ),
    key("rates.credentials_per_address", "300", "The same by address."),
    key("rates.credentials_total", "30000", "The same in total."),
    key(
        "rates.endings_per_member",
        "60",
        "Sign-outs, revocations, cancellations and pauses of schedules per minute, by session or token.",
    ),
    key("rates.endings_per_address", "600", "The same by address."),
    key("rates.endings_total", "60000", "The same in total."),
    key(
        "rates.transfers_per_member",
        "200",
        "Transfers and quotes per ten seconds, by member. Each transfer of a batch and each run of a standing order counts.",
    ),
    key("rates.transfers_per_address", "2000", "The same by address."),
    key("rates.transfers_total", "500000", "The same in total."),
    key(
        "rates.batch_transfers_per_member",
        "100000",
        "Transfers per ten seconds in batches sent with a token, by member. Replaces `rates.transfers_per_member` there.",
    ),
    key("rates.batch_transfers_per_address", "200000", "The same by address."),
    key("rates.batch_transfers_total", "1000000", "The same in total."),
    key(
        "rates.lookups_per_member",
        "30",
        "Accounts of others that a member names for the first time per minute: look-ups, quotes, transfers, schedules. An \
         account that does not exist counts each time.",
    ),
    key("rates.lookups_per_address", "300", "The same by address."),
    key("rates.lookups_total", "30000", "The same in total."),
    key("rates.batch_lookups_per_member", "10000", "Accounts named for the first time in batches per day, by member."),
    key("rates.batch_lookups_per_address", "20000", "The same by address."),
    key("rates.batch_lookups_total", "500000", "The same in total."),
    key("rates.staff_per_member", "5000", "Staff operations per ten seconds, by member of the staff."),
    key("rates.staff_per_address", "20000", "The same by address."),
    key("rates.staff_total", "100000", "The same in total."),
    key("passwords.memory_kib", "19456", "Memory of a password hash (Argon2id)."),
    key("passwords.iterations", "2", "Passes of a password hash."),
    key(
        "passwords.concurrency",
        "1",
        "Password hashes computed at the same time. 32 strangers and 32 known devices can wait for each; further ones are \
         told to try later.",
    ),
    key(
        "limits.connections",
        "10000",
        "Connections per worker. Fewer where the system allows fewer open files, of which 512 are reserved for the bank; the \
         start then warns.",
    ),
    key("limits.workers", "0", "Threads that serve requests. 0: one per core."),
    key("limits.header_timeout_s", "5", "Time limit for the head of a request."),
    key("limits.keep_alive_timeout_s", "30", "How long a connection may be idle."),
    key("limits.request_timeout_s", "30", "Time limit for a request including its body."),
    key("limits.body_timeout_s", "20", "Time limit for the body of a request; then 408."),
    key("limits.shutdown_timeout_s", "20", "How long a stop waits for requests under way."),
    key("limits.streams_per_member", "64", "Open event streams of one member."),
    key("limits.streams_per_address", "500", "Open event streams from one address. Staff are not counted here."),
    key("limits.streams_total", "10000", "Open event streams in total; one in twenty is reserved for staff."),
    key(
        "verification.mode",
        "none",
        "How transfers are verified before they settle: `none`, `delay` (a random delay) or `http` (a fraud checker).",
    ),
    key("verification.min_ms", "7000", "`delay`: the shortest delay. `--bottleneck 7..30` sets both in seconds."),
    key("verification.max_ms", "30000", "`delay`: the longest delay."),
    key("verification.rejected_per_mille", "0", "`delay`: how many of a thousand transfers are rejected."),
    key("verification.url", "", "`http`: the URL of the checker."),
    Key {
        name: "verification.secret",
        default: "",
        about: "`http`: the key that signs requests to the checker, at least 16 bytes.",
        secret: true,
    },
    key("verification.secret_file", "", "`http`: a file that holds the key instead."),
    key("verification.timeout_ms", "5000", "`http`: time limit for one request to the checker."),
    key(
        "verification.deadline_s",
        "300",
        "`http`: a transfer is rejected when the checker has not answered this long after its acceptance.",
    ),
];

impl Key {
    /// Finds the setting with this key.
    pub(super) fn find(name: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Returns the environment variable that sets it: `JANGBU_SESSIONS_IDLE_TIMEOUT_S`.
    pub(super) fn variable(&self) -> String {
        format!("JANGBU_{}", self.name.replace('.', "_").to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    /// A text of the table with links to the sections of the manual that it names.
    fn linked(about: &str) -> String {
        let sections = [("The clock", "the-clock"), ("Storage", "storage"), ("Fresh proof", "fresh-proof")];
        sections.iter().fold(about.to_owned(), |text, (title, anchor)| {
            text.replace(&format!("see {title}."), &format!("see [{title}](../operations.md#{anchor})."))
        })
    }

    #[test]
    fn the_reference_of_settings_is_current() {
        let mut page = golden::begin("Settings", "the table `KEYS` in `src/server/config/keys.rs`");
        page.push_str(include_str!("settings_preface.md"));
        page.push_str("\n| key | variable | default | meaning |\n| --- | --- | --- | --- |\n");
        for key in KEYS {
            let about = linked(key.about);
            let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
            page.push_str(&format!("| `{}` | `{}` | {default} | {about} |\n", key.name, key.variable()));
        }
        page.push('\n');
        page.push_str(include_str!("settings_notes.md"));
        golden::is_current("settings.md", &page);
    }

    #[test]
    fn every_setting_says_what_it_sets() {
        for key in KEYS {
            assert!(key.about.ends_with('.') && !key.about.contains('|'), "{}: {:?}", key.name, key.about);
        }
    }
}
