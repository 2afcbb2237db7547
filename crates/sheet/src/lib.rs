//! Spreadsheets: any file a salesperson may have becomes a neutral [`Table`], and tables of ours
//! become workbooks. Files are read in a process of their own ([`worker`]); what they are is
//! told by their content. Nothing here knows what a customer is.

mod cell;
mod error;
mod header;
mod kind;
mod limits;
mod number_format;
mod package;
mod platform;
mod read;
mod reader;
mod record_scan;
mod serial;
mod sheet_scan;
mod survey;
mod table;
mod text;
mod wire;
mod workbook;
pub mod worker;
pub mod write;

pub use cell::{Cell, Merge, NumberClass};
pub use error::SheetError;
pub use header::{HeaderGuess, column_letter, guess_header};
pub use limits::{Limits, MAX_COLUMNS, MAX_ROWS};
pub use reader::{Opening, Progress, Reader};
pub use serial::{datetime_to_serial, serial_to_datetime};
pub use survey::Survey;
pub use table::{LeftOut, Row, Table};
pub use workbook::{Kind, SheetInfo, Workbook};
