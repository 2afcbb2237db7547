//! The shapes of the messages for the OpenAPI document. The messages themselves are `ketu_sync::message`'s, which knows
//! nothing of HTTP; a test sends one of each as it is described here.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// By name, in the form of the document.
const SCHEMAS: &str = include_str!("sync_schemas.json");

fn schema(name: &str) -> RefOr<Schema> {
    let mut schemas: serde_json::Value =
        serde_json::from_str(SCHEMAS).expect("the schemas are JSON");
    serde_json::from_value(schemas[name].take()).expect("each is a schema")
}

macro_rules! described {
    ($($name:ident needs [$($other:ident),*]),* $(,)?) => {$(
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema(stringify!($name))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                let _ = &schemas;
                $(schemas.push((stringify!($other).to_owned(), schema(stringify!($other))));)*
            }
        }
    )*};
}

described! {
    Push needs [Op],
    Pull needs [Cursor],
    Digest needs [],
    Refetch needs [],
    Vouch needs [Row],
    Lease needs [],
    Reply needs [],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_one() {
        let all: serde_json::Value = serde_json::from_str(SCHEMAS).unwrap();
        for (name, shape) in all.as_object().unwrap() {
            let read = serde_json::from_value::<RefOr<Schema>>(shape.clone());
            assert!(read.is_ok(), "{name}");
            assert_eq!(
                &serde_json::to_value(schema(name)).unwrap(),
                shape,
                "{name}"
            );
        }
    }
}
