//! Ids of the centre's own things, beside those of `ketu-model`.

use std::fmt;

use ketu_model::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{FromValue, Value};

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
    )*};
}

id_type! {
    /// A company on this server; it leads every key.
    OrgId,
    /// A team in the tree of an organisation.
    TeamId,
}

macro_rules! stored {
    ($($name:ident),* $(,)?) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl FromValue for $name {
            fn from_value(value: Value) -> Option<Self> {
                Uuid::from_value(value).map(Self)
            }
        }
    )*};
}

stored!(OrgId, TeamId, UserId, DeviceId);
