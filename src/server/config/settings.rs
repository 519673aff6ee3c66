//! Gathers settings from defaults, the file, the environment and flags. Later sources override earlier ones.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key};
use crate::server::exposure::{GROUP_MAY_READ, exposed};

/// Environment variables that look like settings but are not.
const OTHER_VARIABLES: &[&str] =
    &["JANGBU_ADMIN_PASSWORD", "JANGBU_DATA", "JANGBU_LOG", "JANGBU_LONG", "JANGBU_SIM_SEED"];

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file is malformed.
    #[error("{}, line {line}: {what}", path.display())]
    Malformed {
        path: PathBuf,
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// An environment variable is not a setting.
    #[error("the environment variable {0} is not a setting; `jangbu config` lists the settings")]
    Variable(String),
    /// A value is invalid.
    #[error("{key}: {what} ({origin})")]
    Value {
        key: &'static str,
        what: String,
        /// The source of the value.
        origin: Origin,
    },
    /// A file with a secret can be read by other users.
    #[error(
        "{path} (mode {mode:04o}) contains a secret ({key}), but other users can access it; run `chmod 600 {path}`, or put \
                 the secret into a separate file",
        path = path.display()
    )]
    Exposed {
        path: PathBuf,
        /// The file's permissions.
        mode: u32,
        /// The key of the secret.
        key: &'static str,
    },
    /// The settings would be unsafe.
    #[error("{0}")]
    Unsafe(String),
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The default.
    Default,
    /// A line of the file.
    File(PathBuf, usize),
    /// An environment variable.
    Variable(String),
    /// A command-line flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Variable(name) => f.write_str(name),
            Origin::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A setting given by a flag: the key, the value, the flag.
pub(crate) type FlagSetting = (&'static str, String, &'static str);

/// The values of all settings and their sources.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { values: KEYS.iter().map(|key| (key.name, (key.default.into(), Origin::Default))).collect() }
    }
}

impl Settings {
    /// Gathers the settings for the bank in `data`: from `jangbu.toml` there or the named file, the environment, and
    /// flags.
    ///
    /// # Errors
    /// [`ConfigError`] for an unknown setting or variable, a file that is not TOML, or a named file that does not
    /// exist.
    pub(crate) fn gather(
        data: &Path,
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: Vec<FlagSetting>,
    ) -> Result<Settings, ConfigError> {
        let mut settings = Settings::default();
        let default_path = data.join("jangbu.toml");
        let path = file.unwrap_or(&default_path);
        match std::fs::read_to_string(path) {
            Ok(text) => {
                settings.read_file(path, &text)?;
                settings.check_private(path)?;
            }
            // A missing or invalid directory is reported when the bank is opened.
            Err(error) if file.is_none() && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(source) => return Err(ConfigError::File { path: path.into(), source }),
        }
        for (name, value) in environment.filter(|(name, _)| name.starts_with("JANGBU_")) {
            if OTHER_VARIABLES.contains(&name.as_str()) {
                continue;
            }
            let key = KEYS.iter().find(|key| key.variable() == name);
            let key = key.ok_or_else(|| ConfigError::Variable(name.clone()))?;
            settings.set(key, value, Origin::Variable(name));
        }
        for (name, value, flag) in flags {
            if let Some(key) = Key::find(name) {
                settings.set(key, value, Origin::Flag(flag));
            }
        }
        Ok(settings)
    }

    /// Fails if the file contains a secret and other users can read it.
    fn check_private(&self, path: &Path) -> Result<(), ConfigError> {
        let Some(secret) = KEYS.iter().find(|key| key.secret && !self.get(key.name).0.is_empty()) else {
            return Ok(());
        };
        match exposed(path, GROUP_MAY_READ) {
            Ok(None) => Ok(()),
            Ok(Some(mode)) => Err(ConfigError::Exposed { path: path.into(), mode, key: secret.name }),
            Err(source) => Err(ConfigError::File { path: path.into(), source }),
        }
    }

    /// Returns the key as a static text, if there is such a setting.
    pub(crate) fn key(name: &str) -> Option<&'static str> {
        Key::find(name).map(|key| key.name)
    }

    /// What a key sets; empty where there is no such key.
    pub(crate) fn about(name: &str) -> &'static str {
        Key::find(name).map_or("", |key| key.about)
    }

    fn set(&mut self, key: &'static Key, value: String, origin: Origin) {
        self.values.insert(key.name, (value, origin));
    }

    fn read_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let malformed = |at: usize, what: String| {
            let line = text.get(..at).unwrap_or(text).matches('\n').count().saturating_add(1);
            ConfigError::Malformed { path: path.into(), line, what }
        };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            malformed(at, error.message().to_owned())
        })?;
        let mut found = Vec::new();
        flatten("", table.get_ref(), &mut found);
        for (name, at, value) in found {
            let key = Key::find(&name).ok_or_else(|| malformed(at, format!("there is no setting {name}")))?;
            let value = value.map_err(|kind| malformed(at, format!("{name} cannot be {kind}")))?;
            let line = text.get(..at).unwrap_or(text).matches('\n').count().saturating_add(1);
            self.set(key, value, Origin::File(path.into(), line));
        }
        Ok(())
    }

    /// Returns the value of a setting and its source.
    pub(super) fn get(&self, key: &'static str) -> (&str, Origin) {
        match self.values.get(key) {
            Some((value, origin)) => (value, origin.clone()),
            None => ("", Origin::Default),
        }
    }

    /// Returns every setting with its value and source. Secrets are hidden.
    pub(crate) fn shown(&self) -> Vec<(&'static str, String, String)> {
        let shown = |key: &Key| {
            let (value, origin) = self.get(key.name);
            let value = if key.secret && !value.is_empty() { "(set, not shown)" } else { value };
            (key.name, value.to_owned(), origin.to_string())
        };
        KEYS.iter().map(shown).collect()
    }
}

/// A value in the file: its key, its offset, and its text or the name of its unsupported type.
type Found = (String, usize, Result<String, &'static str>);

fn flatten(prefix: &str, table: &DeTable<'_>, found: &mut Vec<Found>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        match value.get_ref() {
            // A table that is not a prefix of any key is reported on its own line.
            DeValue::Table(inner) if KEYS.iter().any(|known| known.name.starts_with(&format!("{key}."))) => {
                flatten(&format!("{key}."), inner, found);
            }
            other => found.push((key, name.span().start, text_of(other))),
        }
    }
}

fn text_of(value: &DeValue<'_>) -> Result<String, &'static str> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Ok(truth.to_string()),
        DeValue::Array(items) => {
            let texts: Result<Vec<_>, _> = items.iter().map(Spanned::get_ref).map(text_of).collect();
            Ok(texts?.join(","))
        }
        other => Err(other.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_in_a_file_name_the_line() {
        for (text, expected) in [
            ("listen = \"127.0.0.1:1\"\nlisten_on = 1\n", "line 2: there is no setting listen_on"),
            (
                "[sessions]\nidle_timeout_s = 60\nidel_timeout_s = 60\n",
                "line 3: there is no setting sessions.idel_timeout_s",
            ),
            ("[session]\nidle_timeout_s = 60\n", "line 1: there is no setting session"),
            ("name = 'a'\nname = 'b'\n", "line 2: "),
            ("name = 1.5\n", "line 1: name cannot be float"),
            ("\n\nname = \n", "line 3: "),
        ] {
            let error = Settings::default().read_file(Path::new("j.toml"), text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("j.toml, {expected}")), "{error}");
        }
    }

    #[test]
    fn later_sources_override_earlier_ones() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(
            directory.path().join("jangbu.toml"),
            "name = 'file'\n[limits]\nheader_timeout_s = 9\nworkers = 3\n",
        )
        .unwrap();
        let environment = [("JANGBU_NAME", "variable"), ("JANGBU_LIMITS_WORKERS", "4"), ("HOME", "/")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let flags = vec![("name", "flag".to_owned(), "--name")];
        let settings = Settings::gather(directory.path(), None, environment, flags).unwrap();
        assert_eq!(settings.get("name"), ("flag", Origin::Flag("--name")));
        assert_eq!(settings.get("limits.workers"), ("4", Origin::Variable("JANGBU_LIMITS_WORKERS".into())));
        assert_eq!(
            settings.get("limits.header_timeout_s"),
            ("9", Origin::File(directory.path().join("jangbu.toml"), 3))
        );
        assert_eq!(settings.get("limits.shutdown_timeout_s"), ("20", Origin::Default));
    }

    #[test]
    fn a_misspelt_variable_is_an_error() {
        let environment = [("JANGBU_LISTN".to_owned(), "x".to_owned())].into_iter();
        let error = Settings::gather(Path::new("nowhere"), None, environment, Vec::new()).unwrap_err();
        assert!(error.to_string().contains("JANGBU_LISTN"), "{error}");
    }
}
