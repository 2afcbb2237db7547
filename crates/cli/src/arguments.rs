//! The commands and their flags.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Map, Value as Json};

#[derive(Debug, Parser)]
#[command(
    name = "ketu",
    version,
    about = "客途 Ketu: the customers on this laptop, from the command line",
    after_help = "A new folder is set up once: ketu setup --name NAME. In a script KETU_USER=NAME does it at the\n\
                  first `import` or `add`; the recovery key is then written to standard error.\n\
                  Exit codes: 0 done (also with failed rows), 1 refused, 2 wrong usage."
)]
pub struct Arguments {
    /// The data folder; the window's own where absent
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Answer with one JSON document; refusals are JSON on standard error
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Make the data file and show its recovery key, once
    Setup {
        /// Your name
        #[arg(long)]
        name: String,
        /// Language of the window and of answers: zh-CN or en
        #[arg(long, value_name = "LANGUAGE")]
        language: Option<String>,
    },
    /// Open a file whose key is not on this laptop; the recovery key is read from standard input
    Unlock,
    /// Import a spreadsheet: .xlsx, .xls, .xlsb, .ods, .csv
    Import {
        file: PathBuf,
        /// The sheet; the first one that looks like data where absent
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// Where a column goes, e.g. 单位=customer.name, C=contact.mobile, 备注= (nowhere). Columns by header,
        /// letter or number; fields of customers need no prefix. Columns not named are guessed
        #[arg(long, value_name = "COLUMN=FIELD", value_parser = column_and_field)]
        map: Vec<(String, String)>,
        /// What to do with customers that are there already
        #[arg(long, value_enum, default_value_t)]
        duplicates: Duplicates,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        /// Write the rows that failed, with the reasons, to this workbook
        #[arg(long, value_name = "FILE")]
        errors: Option<PathBuf>,
    },
    /// Export all records of a kind to a workbook
    Export { entity: String, file: PathBuf },
    /// List records
    List {
        entity: String,
        /// E.g. {"field":{"field":"name","test":"contains","value":"华"}}, joined by {"all":[…]} and {"any":[…]}
        #[arg(long, value_name = "JSON", value_parser = json)]
        filter: Option<Json>,
        /// Records at most
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Show one record, by its id or its number
    Get { entity: String, id: String },
    /// Add a record: its fields as a JSON object, `-` for standard input
    Add {
        entity: String,
        #[arg(value_name = "JSON", value_parser = json_object)]
        fields: Fields,
    },
    /// Change fields of a record: a JSON object, `-` for standard input; null empties a field
    Set {
        entity: String,
        id: String,
        #[arg(value_name = "JSON", value_parser = json_object)]
        fields: Fields,
    },
    /// Move records to the recycle bin
    Remove {
        entity: String,
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Take the last change back, or the one of this transaction
    Undo { tx: Option<String> },
    /// What happened to a record
    History {
        entity: String,
        id: String,
        /// First get from the server what only it can tell
        #[arg(long)]
        older: bool,
    },
    /// Find customers, contacts, opportunities and interactions
    Search {
        text: String,
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Make a backup now
    Backup,
    /// Go back to a backup; without a name, list them
    Restore { name: Option<String> },
    /// Check the file, its keys and its backups
    Doctor,
    /// Join a server, or come in again by a new invitation; the password that you choose is read from standard input
    Join {
        /// The line that the administrator handed over: ketu1_…
        invitation: String,
        /// Only show which customers the company has already; no record is sent
        #[arg(long)]
        preview: bool,
        /// Ids of own customers that become one with the company's
        #[arg(long, value_name = "ID", num_args = 1..)]
        merge: Vec<String>,
    },
    /// Log in again; the password is read from standard input
    LogIn,
    /// Exchange work with the server now, or see how it stands
    Sync {
        #[command(subcommand)]
        what: Option<SyncWhat>,
    },
    /// Give customers, with everything below them, to a colleague
    Transfer {
        #[arg(required = true)]
        customers: Vec<String>,
        /// The colleague's name or id
        #[arg(long, value_name = "USER")]
        to: String,
        /// Why; the colleague reads it below each customer
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// The window's page in a browser, over this data
    #[cfg(all(feature = "bridge", debug_assertions))]
    Serve {
        /// 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// The built page; ui/dist of this project where absent
        #[arg(long, value_name = "DIR")]
        page: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum SyncWhat {
    /// Where this laptop stands; nothing is sent
    Status,
    /// What happened
    Log,
    /// Why it does not synchronise
    Test,
    /// Exchange nothing until `resume`
    Pause,
    Resume,
    /// What the server does not have yet
    Outbox,
    /// What the server did not take
    Attention,
    /// What two people changed at once
    Conflicts,
    /// Decide conflicts
    Settle {
        #[arg(value_enum)]
        choice: Choice,
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    Yours,
    Theirs,
}

impl Choice {
    pub fn name(self) -> &'static str {
        match self {
            Self::Yours => "yours",
            Self::Theirs => "theirs",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Duplicates {
    #[default]
    Skip,
    Update,
    Create,
}

impl Duplicates {
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Update => "update",
            Self::Create => "create",
        }
    }
}

/// Fields of a record as they were typed.
#[derive(Debug, Clone)]
pub struct Fields(pub Map<String, Json>);

fn json(text: &str) -> Result<Json, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn json_object(text: &str) -> Result<Fields, String> {
    let read = if text == "-" {
        std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string())?
    } else {
        text.to_owned()
    };
    match json(&read)? {
        Json::Object(fields) => Ok(Fields(fields)),
        _ => Err("a JSON object is needed, e.g. {\"name\": \"华科\"}".to_owned()),
    }
}

fn column_and_field(text: &str) -> Result<(String, String), String> {
    // A header may hold an equals sign, a field does not.
    let (column, field) = text.rsplit_once('=').ok_or("COLUMN=FIELD is needed")?;
    if column.trim().is_empty() {
        return Err("COLUMN=FIELD is needed".to_owned());
    }
    Ok((column.trim().to_owned(), field.trim().to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_mapping_is_split_at_its_last_equals_sign() {
        assert_eq!(
            column_and_field("单位 = name").unwrap(),
            ("单位".to_owned(), "name".to_owned())
        );
        assert_eq!(
            column_and_field("a=b=contact.name").unwrap(),
            ("a=b".to_owned(), "contact.name".to_owned())
        );
        assert_eq!(
            column_and_field("备注=").unwrap(),
            ("备注".to_owned(), String::new())
        );
        assert!(column_and_field("name").is_err());
        assert!(column_and_field("=name").is_err());
    }

    #[test]
    fn fields_are_a_json_object() {
        assert!(json_object("[1]").is_err());
        assert!(json_object("{").is_err());
        assert_eq!(json_object(r#"{"name":"华科"}"#).unwrap().0["name"], "华科");
    }
}
