//! The program that reads spreadsheets for this crate's tests; the programs of the house carry it
//! within themselves.

fn main() {
    ketu_app::run_worker_if_asked();
}
