//! What only its bearer knows: tokens, invitation codes, passwords on their way in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::ids::OrgId;

/// A text that is never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

/// What a token is for; a token of one kind is never taken as one of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    /// Shown in the token, so that people and secret scanners know it.
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "kta_",
            Self::Refresh => "ktr_",
        }
    }
}

/// An opaque token: where its row is, and a secret of 32 random bytes whose hash the row holds.
///
/// Not a signed token: every request reads the device and its user anyway, to notice at once that they were shut out,
/// so a signature would save nothing, and would need a key that all servers share.
pub(crate) struct Token {
    pub org: OrgId,
    pub id: Uuid,
    pub secret: [u8; 32],
}

impl Token {
    pub fn to_text(&self, kind: Kind) -> Secret {
        let mut bytes = [0; 64];
        bytes[..16].copy_from_slice(self.org.0.as_bytes());
        bytes[16..32].copy_from_slice(self.id.as_bytes());
        bytes[32..].copy_from_slice(&self.secret);
        Secret(format!(
            "{}{}",
            kind.prefix(),
            URL_SAFE_NO_PAD.encode(bytes)
        ))
    }

    pub fn from_text(text: &str, kind: Kind) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.strip_prefix(kind.prefix())?)
            .ok()?;
        let bytes: [u8; 64] = bytes.try_into().ok()?;
        let part = |from: usize| bytes[from..from + 16].try_into().ok();
        Some(Self {
            org: OrgId(Uuid::from_bytes(part(0)?)),
            id: Uuid::from_bytes(part(16)?),
            secret: bytes[32..].try_into().ok()?,
        })
    }

    /// What the row holds. The secret is random, so that a plain hash cannot be guessed.
    pub fn hash(&self) -> blake3::Hash {
        blake3::hash(&self.secret)
    }
}

/// The alphabet of codes that people type: no I, L, O, U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of 60 random bits, as `XXXX-XXXX-XXXX`.
pub(crate) fn code() -> Result<Secret> {
    let random: [u8; 12] = random()?;
    let letters = random.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Ok(Secret(groups.join("-")))
}

/// What the row of an invitation holds; typed in any case, with or without dashes, and with the letters that look alike.
pub(crate) fn code_hash(code: &str) -> blake3::Hash {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    blake3::hash(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_only_as_the_kind_it_was_given_as() {
        let token = Token {
            org: OrgId(Uuid::from_u128(1)),
            id: Uuid::from_u128(2),
            secret: [7; 32],
        };
        let text = token.to_text(Kind::Access);
        let read = Token::from_text(text.expose(), Kind::Access).unwrap();
        assert_eq!(
            (read.org, read.id, read.secret),
            (token.org, token.id, token.secret)
        );
        assert!(Token::from_text(text.expose(), Kind::Refresh).is_none());
        assert!(Token::from_text("kta_", Kind::Access).is_none());
        assert_eq!(format!("{text:?}"), "***");
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = code().unwrap();
        assert_eq!(code.expose().len(), 14);
        assert_eq!(
            code_hash(code.expose()),
            code_hash(&code.expose().to_lowercase().replace('-', " "))
        );
        assert_eq!(code_hash("O0IL-1111-2222"), code_hash("0011-1111-2222"));
    }
}
