//! Collects the hits of several processes: each writes a file, with a line for each rule or grant that was
//! hit.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::LazyLock,
};

use super::{Hit, Hits, snapshot};
use crate::{BoxError, events};

/// The environment variable that names the folder for hits; a relative path is relative to the working
/// directory of each process.
pub const FOLDER_VARIABLE: &str = "AUTH_RULE_HITS";

/// The extension of these files.
const EXTENSION: &str = "hits";

/// The marker of a line without a rule.
const NO_RULE: &str = "-";

static FOLDER: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from));

/// Writes a line for something that this process hit for the first time, if the environment variable is set.
pub(super) fn note(hit: &Hit) {
    let Some(folder) = &*FOLDER else { return };
    if let Err(error) = append(folder, hit) {
        let error: BoxError = error.into();
        events::failed("rule hits", &error);
    }
}

fn append(folder: &Path, hit: &Hit) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}.{EXTENSION}", process::id()));
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path)?;
    // A single call, so that a process that is killed leaves whole lines.
    file.write_all(line(hit).as_bytes())
}

fn line(hit: &Hit) -> String {
    let answer = if hit.allowed { "allow" } else { "deny" };
    let rule = hit.rule.as_deref().map_or_else(|| NO_RULE.to_owned(), escaped);
    format!("{}\t{}\t{answer}\t{}\t{rule}\n", escaped(&hit.file), hit.line, escaped(&hit.permission))
}

/// Tabs and line breaks are written as `\t` and `\n`, a backslash twice.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('\t', r"\t").replace('\n', r"\n").replace('\r', r"\r")
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            c => c,
        });
    }
    Some(plain)
}

fn read_line(line: &str) -> Option<Hit> {
    let mut parts = line.split('\t');
    let file = unescaped(parts.next()?)?;
    let line = parts.next()?.parse().ok()?;
    let allowed = match parts.next()? {
        "allow" => true,
        "deny" => false,
        _ => return None,
    };
    let permission = unescaped(parts.next()?)?;
    let rule = match parts.next()? {
        NO_RULE => None,
        rule => Some(unescaped(rule)?),
    };
    parts.next().is_none().then_some(Hit { file, line, rule, permission, allowed, count: 1 })
}

impl Hits {
    /// Reads the hits of all processes from a folder; each process that hit something counts as one.
    ///
    /// A missing folder has no hits.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or contains a malformed line.
    pub fn read(folder: impl AsRef<Path>) -> io::Result<Self> {
        let files = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            files => files?,
        };
        let mut hits = Vec::new();
        for file in files {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            for line in fs::read_to_string(&path)?.lines() {
                let hit = read_line(line).ok_or_else(|| {
                    let message = format!("{} has a line that tells of no hit: {line}", path.display());
                    io::Error::new(io::ErrorKind::InvalidData, message)
                })?;
                hits.push(hit);
            }
        }
        Ok(Self::new(hits, Vec::new()))
    }
}

/// Returns the hits of this process, and of others in the folder of [`FOLDER_VARIABLE`].
///
/// # Errors
///
/// As [`Hits::read`].
pub fn covered() -> io::Result<Hits> {
    match &*FOLDER {
        Some(folder) => Ok(snapshot().and(Hits::read(folder)?)),
        None => Ok(snapshot()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(rule: Option<&str>, permission: &str) -> Hit {
        let (rule, permission) = (rule.map(str::to_owned), permission.to_owned());
        Hit { file: "src/a\tb.rs".to_owned(), line: 7, rule, permission, allowed: true, count: 1 }
    }

    #[test]
    fn what_is_written_is_read() {
        for hit in
            [hit(None, "a\\t\nb"), hit(Some("(Allow, Everyone, [\"x\\n\"])"), ""), hit(Some("-x"), "-")]
        {
            let line = line(&hit);
            assert_eq!(line.matches('\n').count(), 1);
            assert_eq!(read_line(line.trim_end_matches('\n')).unwrap(), hit);
        }
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            "a\t1\tallow\tp",
            "a\tx\tallow\tp\t-",
            "a\t1\tmaybe\tp\t-",
            "a\t1\tdeny\tp\t-\t",
            r"a\q	1	deny	p	-",
        ] {
            assert_eq!(read_line(line), None, "{line}");
        }
    }
}
