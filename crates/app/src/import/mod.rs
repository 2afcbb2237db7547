//! Import: from any spreadsheet to customers and what hangs below them. A file is opened and looked
//! at, its columns are mapped, every row is planned before anything is written, the plan is carried
//! out in one transaction, and what failed comes back as a workbook that can be mended and imported.

mod apply;
mod cells;
mod failed;
mod known;
mod lookup;
mod mapping;
mod open;
mod plan;
mod reasons;
mod rows;
mod session;
mod target;
mod template;

pub use lookup::Lookup;
pub use reasons::{Language, codes, sentence};
pub use session::Imports;
pub use target::{holds_digits, import_targets};
