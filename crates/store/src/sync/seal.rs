//! What is kept of a row that the server said: its sum, and the proof that it was the server who said it.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

/// The sum of a row as it was sent, and its proof (docs/sync-protocol.md §6.1, §7.7). In the file one after the other,
/// each as 16 bytes, the greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    pub sum: u128,
    /// Older servers gave none.
    pub proof: Option<u128>,
}

impl From<u128> for Seal {
    fn from(sum: u128) -> Self {
        Self { sum, proof: None }
    }
}

impl Seal {
    pub(crate) fn to_blob(self) -> Vec<u8> {
        let mut bytes = self.sum.to_be_bytes().to_vec();
        bytes.extend(self.proof.iter().flat_map(|proof| proof.to_be_bytes()));
        bytes
    }
}

impl ToSql for Seal {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_blob().into())
    }
}

impl FromSql for Seal {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let (parts, rest) = value.as_blob()?.as_chunks::<16>();
        match (parts, rest) {
            ([sum], []) => Ok(u128::from_be_bytes(*sum).into()),
            ([sum, proof], []) => Ok(Self {
                sum: u128::from_be_bytes(*sum),
                proof: Some(u128::from_be_bytes(*proof)),
            }),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
