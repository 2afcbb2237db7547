//! What goes into a statement and comes out of a row: the few types that both engines hold alike.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::{DbError, Result};

/// One value of a column or a parameter. Ids are sixteen bytes, JSON is text, a yes or no is 1 or 0.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Value {
    #[default]
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// The values of `in (:name...)`; never in a row.
    List(Vec<Value>),
}

/// Says the shape only: what people typed must not reach a log through a debug print.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(n) => write!(f, "Int({n})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::List(values) => write!(f, "List({})", values.len()),
        }
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Bytes(id.as_bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// A type that a column can be read as; `None` when the value is of another kind.
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(n) => Some(n),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(|n| n != 0)
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// The named parameters of one execution; made by [`params!`](crate::params).
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(&'static str, Value)>);

impl Params {
    #[doc(hidden)]
    pub fn new(values: Vec<(&'static str, Value)>) -> Self {
        Self(values)
    }

    /// The values in the order in which a statement counts its parameters. A name that the statement does
    /// not have, or one that it lacks, is a slip in the code and refused on both engines.
    pub(super) fn in_order(&self, names: &[&'static str]) -> Result<Vec<&Value>> {
        if let Some((name, _)) = self.0.iter().find(|(name, _)| !names.contains(name)) {
            return Err(DbError::Parameter(name));
        }
        names
            .iter()
            .map(|wanted| {
                self.0
                    .iter()
                    .find(|(name, _)| name == wanted)
                    .map(|(_, value)| value)
                    .ok_or(DbError::Parameter(wanted))
            })
            .collect()
    }
}

/// Named parameters of a statement: `params! { org_id: org, id: device }` for `:org_id` and `:id`.
#[macro_export]
macro_rules! params {
    ($($name:ident : $value:expr),* $(,)?) => {
        $crate::db::Params::new(vec![$((stringify!($name), $crate::db::Value::from($value))),*])
    };
}

/// A row; its values are read by the names of the statement's columns.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    pub(super) fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// The value of the column `name`.
    ///
    /// # Errors
    /// [`DbError::Column`] when there is no such column or its value is of another kind.
    pub fn get<T: FromValue>(&self, name: &'static str) -> Result<T> {
        let value = self.values[self.at(name)?].clone();
        T::from_value(value).ok_or(DbError::Column(name))
    }

    /// Like [`Row::get`], and moves the value out, which leaves null: for long texts.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn take<T: FromValue>(&mut self, name: &'static str) -> Result<T> {
        let at = self.at(name)?;
        T::from_value(std::mem::take(&mut self.values[at])).ok_or(DbError::Column(name))
    }

    fn at(&self, name: &'static str) -> Result<usize> {
        self.columns
            .iter()
            .position(|column| column == name)
            .ok_or(DbError::Column(name))
    }
}
