//! Identity: UUIDv7 for what people make, UUIDv5 for what ships or is typed alike on every laptop.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::normalise::text::{clean, fold};

/// The namespace of all UUIDv5 ids of Ketu. Frozen: changing it would split every shipped option.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x6b65_7475_0000_5000_8000_5a2e_9f10_c3d7);

macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

id_type! {
    /// Any record, whatever its entity.
    RecordId,
    /// One change of one record.
    OpId,
    /// Changes made together, undone together.
    TxId,
    /// One installation's database file.
    DeviceId,
    /// A person of one's own company; also a record of `user`.
    UserId,
}

/// Id of something that ships with Ketu, from its catalog key, e.g. `stage/project/proposal`.
pub fn shipped_id(key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, key.as_bytes())
}

/// Id of an option that someone typed or imported: equal names in one list are one option,
/// also on two laptops that never met.
pub fn option_id(list: &str, name: &str) -> Uuid {
    shipped_id(&format!("option/{list}/{}", normal_name(name)))
}

/// Id of a tag that someone typed.
pub fn tag_id(name: &str) -> Uuid {
    shipped_id(&format!("tag/{}", normal_name(name)))
}

/// The form under which typed names are one: width and case folded, blanks trimmed.
pub fn normal_name(name: &str) -> String {
    fold(&clean(name)).into_owned()
}
