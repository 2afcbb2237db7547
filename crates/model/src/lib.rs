//! What things are: the catalog of records and fields, values and their normal forms, validation,
//! ids, time and money. No I/O; whatever is read from outside is passed in.

pub mod authorize;
pub mod catalog;
pub mod clock;
pub mod entity;
pub mod field;
pub mod holidays;
pub mod ids;
pub mod normalise;
pub mod parse;
pub mod pinyin;
pub mod query;
pub mod regions;
pub mod series;
pub mod sort_key;
pub mod validate;
pub mod value;

pub use catalog::Catalog;
pub use entity::EntityDef;
pub use field::{FieldDef, FieldKey, FieldType};
pub use ids::{DeviceId, OpId, RecordId, TxId, UserId};
pub use value::{Fields, Money, Value};
