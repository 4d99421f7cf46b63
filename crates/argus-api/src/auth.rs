//! Who may ask: one token for scripts and one for telemetry, each kept in a private file; tokens for browsers, kept in memory and gone with the
//! process; and one-time codes by which `argus open` hands a browser its token.
//!
//! A code stands in an address's fragment for a moment, so it lives 60 seconds and works once. Only digests are
//! kept and compared, in constant time, so neither a timing nor a memory dump of this table gives a token away.

mod script;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use subtle::{Choice, ConstantTimeEq};

pub use script::{
    AuthError, INGEST_TOKEN_FILE, TOKEN_FILE, open_ingest_token, read_script_token, rotate_ingest_token,
    rotate_script_token,
};

use script::ScriptToken;

/// How long a one-time code works.
pub(crate) const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// Codes that wait at the same time; a new one pushes the oldest out.
const MAX_CODES: usize = 32;

/// Browsers that are signed in at the same time; a new one pushes the oldest out.
const MAX_BROWSERS: usize = 256;

type Digest = [u8; 32];

/// Who sent a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A script, or the command line.
    Script,
    /// A page that exchanged a code.
    Browser,
}

/// All tokens that this server takes.
#[derive(Debug)]
pub struct Tokens {
    script: ScriptToken,
    ingest: ScriptToken,
    issued: Mutex<Issued>,
}

#[derive(Debug, Default)]
struct Issued {
    codes: Vec<(Digest, Instant)>,
    browsers: Vec<Digest>,
}

impl Tokens {
    /// Reads the script token from the data directory, and makes one if there is none. A token that others could
    /// read is replaced.
    pub fn open(data_dir: &Path) -> Result<Self, AuthError> {
        Ok(Self {
            script: ScriptToken::open(data_dir)?,
            ingest: ScriptToken::at(data_dir, INGEST_TOKEN_FILE),
            issued: Mutex::default(),
        })
    }

    /// A fresh one-time code.
    pub(crate) fn mint_code(&self, now: Instant) -> Result<String, AuthError> {
        let code = random_hex()?;
        let mut issued = self.issued();
        issued.codes.retain(|(_, expires_at)| *expires_at > now);
        push_bounded(&mut issued.codes, (digest(&code), now + CODE_LIFETIME), MAX_CODES);
        Ok(code)
    }

    /// A browser token for a code, once.
    pub(crate) fn exchange_code(&self, code: &str, now: Instant) -> Result<Option<String>, AuthError> {
        let presented = digest(code);
        let mut issued = self.issued();
        let Some(index) = issued.codes.iter().position(|(known, _)| bool::from(known.ct_eq(&presented))) else {
            return Ok(None);
        };
        let (_, expires_at) = issued.codes.swap_remove(index);
        if expires_at <= now {
            return Ok(None);
        }
        let token = random_hex()?;
        push_bounded(&mut issued.browsers, digest(&token), MAX_BROWSERS);
        Ok(Some(token))
    }

    /// Whose token this is, if it is one.
    pub(crate) fn identify(&self, token: &str) -> Option<Caller> {
        let presented = digest(token);
        if self.script.digest().is_some_and(|known| bool::from(known.ct_eq(&presented))) {
            return Some(Caller::Script);
        }
        let issued = self.issued();
        // Looks at all of them, so that time tells nothing about which one was near.
        let known = issued.browsers.iter().fold(Choice::from(0), |found, known| found | known.ct_eq(&presented));
        bool::from(known).then_some(Caller::Browser)
    }

    /// Whether this token may hand telemetry in. It may do nothing else, and no other token may do this: it stands in
    /// Claude Code's settings, where agents read it.
    pub(crate) fn may_ingest(&self, token: &str) -> bool {
        let presented = digest(token);
        self.ingest.digest().is_some_and(|known| bool::from(known.ct_eq(&presented)))
    }

    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push_bounded<T>(list: &mut Vec<T>, item: T, most: usize) {
    if list.len() >= most {
        list.remove(0);
    }
    list.push(item);
}

fn digest(secret: &str) -> Digest {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

/// 32 bytes from the system's generator, as text.
pub(crate) fn random_hex() -> Result<String, AuthError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| AuthError::NoRandomness)?;
    Ok(blake3::Hash::from(bytes).to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> (tempfile::TempDir, Tokens) {
        let dir = tempfile::tempdir().unwrap();
        let tokens = Tokens::open(dir.path()).unwrap();
        (dir, tokens)
    }

    #[test]
    fn a_code_works_once() {
        let (_dir, tokens) = tokens();
        let now = Instant::now();
        let code = tokens.mint_code(now).unwrap();
        let token = tokens.exchange_code(&code, now).unwrap().unwrap();
        assert_eq!(tokens.identify(&token), Some(Caller::Browser));
        assert_eq!(tokens.exchange_code(&code, now).unwrap(), None);
        assert_eq!(tokens.identify(&code), None);
    }

    #[test]
    fn a_code_is_dead_after_sixty_seconds() {
        let (_dir, tokens) = tokens();
        let now = Instant::now();
        let late = tokens.mint_code(now).unwrap();
        let just_in_time = tokens.mint_code(now).unwrap();
        assert_eq!(tokens.exchange_code(&late, now + CODE_LIFETIME).unwrap(), None);
        let almost = now + CODE_LIFETIME - Duration::from_millis(1);
        assert!(tokens.exchange_code(&just_in_time, almost).unwrap().is_some());
    }

    #[test]
    fn codes_and_browsers_are_bounded_and_the_oldest_goes_first() {
        let (_dir, tokens) = tokens();
        let now = Instant::now();
        let codes: Vec<String> = (0..=MAX_CODES).map(|_| tokens.mint_code(now).unwrap()).collect();
        assert_eq!(tokens.exchange_code(&codes[0], now).unwrap(), None);
        assert!(tokens.exchange_code(&codes[1], now).unwrap().is_some());
        for _ in 0..MAX_BROWSERS * 2 {
            let code = tokens.mint_code(now).unwrap();
            tokens.exchange_code(&code, now).unwrap().unwrap();
        }
        assert_eq!(tokens.issued().browsers.len(), MAX_BROWSERS);
    }

    #[test]
    fn a_rotated_script_token_counts_at_once_and_the_old_one_is_dead() {
        let (dir, tokens) = tokens();
        let old = read_script_token(dir.path()).unwrap();
        assert_eq!(tokens.identify(&old), Some(Caller::Script));
        let new = rotate_script_token(dir.path()).unwrap();
        assert_eq!(tokens.identify(&old), None);
        assert_eq!(tokens.identify(&new), Some(Caller::Script));
    }

    #[test]
    fn without_its_file_no_script_token_works() {
        let (dir, tokens) = tokens();
        let token = read_script_token(dir.path()).unwrap();
        std::fs::write(dir.path().join(TOKEN_FILE), "").unwrap();
        assert_eq!(tokens.identify(""), None);
        std::fs::remove_file(dir.path().join(TOKEN_FILE)).unwrap();
        assert_eq!(tokens.identify(&token), None);
        assert_eq!(tokens.identify(""), None);
    }
}
