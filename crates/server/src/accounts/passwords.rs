//! Passwords: Argon2id, a few at a time, and as slow for a login that does not exist as for one that does.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::secrets::{Secret, random};
use crate::error::{Error, Refusal, Result};

/// What one hash costs; RFC 9106's second choice by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
        }
    }
}

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
    /// A hash takes 64 MiB: without a bound, a crowd of log ins would take the memory of everything else.
    places: Arc<Semaphore>,
    /// Checked in place of a password that is not there.
    nobody: Arc<str>,
}

/// Characters of a password. Long enough counts; there are no rules about kinds of characters.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=256;

impl Passwords {
    /// # Errors
    /// When the cost is out of Argon2's bounds.
    pub fn new(cost: Cost) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32))
            .map_err(|error| Error::Password(error.into()))?;
        let nobody = hash(&params, &random::<16>()?)?;
        Ok(Self {
            params,
            places: Arc::new(Semaphore::new(2)),
            nobody: nobody.into(),
        })
    }

    /// Whether a password may be chosen.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of `password`.
    pub fn check_choice(password: &Secret, login: &str) -> Result<(), Refusal> {
        let length = password.expose().chars().count();
        let rule = if length < *LENGTH.start() {
            "too_short"
        } else if length > *LENGTH.end() {
            "too_long"
        } else if password.expose().to_lowercase() == login {
            "same_as_login"
        } else {
            return Ok(());
        };
        Err(Refusal::Invalid {
            field: "password",
            rule,
        })
    }

    /// The password as it is stored.
    ///
    /// # Errors
    /// The system's own.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        let params = self.params.clone();
        self.in_turn(move || hash(&params, password.expose().as_bytes()))
            .await?
    }

    /// Whether this is the password that `stored` was made of. Without one it takes as long, and is never it.
    ///
    /// # Errors
    /// The system's own.
    pub async fn is(&self, password: Secret, stored: Option<String>) -> Result<bool> {
        let nobody = Arc::clone(&self.nobody);
        self.in_turn(move || {
            let against = stored.as_deref().unwrap_or(&nobody);
            // The cost stands in what is stored, so that old hashes stay good when it is raised.
            let right = PasswordHash::new(against).is_ok_and(|against| {
                Argon2::default()
                    .verify_password(password.expose().as_bytes(), &against)
                    .is_ok()
            });
            right && stored.is_some()
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            // Kept by the work, not by the request: given up, the work still goes on.
            let _place = place;
            work()
        });
        Ok(done.await?)
    }
}

fn hash(params: &Params, password: &[u8]) -> Result<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let salt: [u8; 16] = random()?;
    let hash: PasswordHash = argon2
        .hash_password_with_salt(password, &salt)
        .map_err(Error::Password)?;
    Ok(hash.to_string())
}
