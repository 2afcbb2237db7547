//! The window's TypeScript contract is what the Rust types say.
#![allow(clippy::unwrap_used)]

use std::path::Path;

#[test]
fn the_typescript_contract_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/transport/contract.ts");
    let fresh = ketu_app::typescript();
    if std::env::var_os("KETU_WRITE_CONTRACT").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == fresh,
        "ui/src/transport/contract.ts is stale: run `cargo xtask types`"
    );
}
