//! The reading process on its own, for this crate's tests; the programs of the house carry it
//! within themselves.

fn main() {
    ketu_sheet::worker::run_if_asked();
}
