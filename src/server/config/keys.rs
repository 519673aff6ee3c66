//! Every setting with its default, in the order in which settings are shown.

/// A setting.
#[derive(Debug)]
pub(super) struct Key {
    /// The key in the file; a dot follows the name of a table.
    pub(super) name: &'static str,
    /// The default; empty for none.
    pub(super) default: &'static str,
    /// Whether the value is never shown.
    pub(super) secret: bool,
}

const fn key(name: &'static str, default: &'static str) -> Key {
    Key { name, default, secret: false }
}

/// All settings. `docs/OPERATIONS.md` describes each.
pub(super) const KEYS: &[Key] = &[
    key("name", "Jangbu"),
    key("listen", "127.0.0.1:8080"),
    key("operator_listen", ""),
    key("public_url", ""),
    key("insecure_http", "false"),
    key("trusted_proxies", ""),
    key("sign_up", "true"),
    key("time_zone", "Asia/Seoul"),
    key("clock_lead_s", "86400"),
    key("require_idempotency_key", "false"),
    key("storage_reserve_bytes", "1073741824"),
    key("storage_reserve_percent", "5"),
    key("access_log", "true"),
    key("sessions.idle_timeout_s", "1800"),
    key("sessions.absolute_timeout_s", "43200"),
    key("sessions.proof_s", "300"),
    key("second_factor", "administrators"),
    key("transfers.proof_above", ""),
    key("transfers.second_factor_above", ""),
    key("rates.sign_in_per_address", "20"),
    key("rates.sign_up_per_address", "10"),
    key("rates.sign_up_total", "600"),
    key("rates.changes_per_member", "60"),
    key("rates.changes_per_address", "600"),
    key("rates.changes_total", "60000"),
    key("rates.credentials_per_member", "30"),
    key("rates.credentials_per_address", "300"),
    key("rates.credentials_total", "30000"),
    key("rates.endings_per_member", "60"),
    key("rates.endings_per_address", "600"),
    key("rates.endings_total", "60000"),
    key("rates.transfers_per_member", "200"),
    key("rates.transfers_per_address", "2000"),
    key("rates.transfers_total", "500000"),
    key("rates.batch_transfers_per_member", "100000"),
    key("rates.batch_transfers_per_address", "200000"),
    key("rates.batch_transfers_total", "1000000"),
    key("rates.lookups_per_member", "30"),
    key("rates.lookups_per_address", "300"),
    key("rates.lookups_total", "30000"),
    key("rates.batch_lookups_per_member", "10000"),
    key("rates.batch_lookups_per_address", "20000"),
    key("rates.batch_lookups_total", "500000"),
    key("rates.staff_per_member", "5000"),
    key("rates.staff_per_address", "20000"),
    key("rates.staff_total", "100000"),
    key("passwords.memory_kib", "19456"),
    key("passwords.iterations", "2"),
    key("passwords.concurrency", "1"),
    key("limits.connections", "10000"),
    key("limits.workers", "0"),
    key("limits.header_timeout_s", "5"),
    key("limits.keep_alive_timeout_s", "30"),
    key("limits.request_timeout_s", "30"),
    key("limits.body_timeout_s", "20"),
    key("limits.shutdown_timeout_s", "20"),
    key("limits.streams_per_member", "64"),
    key("limits.streams_per_address", "500"),
    key("limits.streams_total", "10000"),
    key("verification.mode", "none"),
    key("verification.min_ms", "7000"),
    key("verification.max_ms", "30000"),
    key("verification.rejected_per_mille", "0"),
    key("verification.url", ""),
    Key { name: "verification.secret", default: "", secret: true },
    key("verification.secret_file", ""),
    key("verification.timeout_ms", "5000"),
    key("verification.deadline_s", "300"),
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

    #[test]
    fn every_setting_is_documented() {
        let manual = include_str!("../../../docs/OPERATIONS.md");
        for key in KEYS {
            assert!(manual.contains(&format!("`{}`", key.name)), "{} is not in docs/OPERATIONS.md", key.name);
        }
    }
}
