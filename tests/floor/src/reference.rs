//! The straight-line reference: reading on one thread, and on the other everything that an import cannot do without.
//! Types, trimmed texts, normalised phones, duplicates in the file and in the base, the row with five indexes, one log
//! row with JSON, all in one encrypted transaction. No catalog, no rights, no search, no history page.

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::{Result, anyhow};
use calamine::Data;
use rusqlite::{Connection, Statement, Transaction, named_params};
use serde_json::json;

use crate::cells::{Row, each_row};

/// Rows handed over at a time, and batches that may wait.
const BATCH: usize = 1_000;
const AHEAD: usize = 8;

#[derive(Debug, Default)]
pub struct Counts {
    pub added: u64,
    pub repeated: u64,
    pub refused: u64,
}

pub fn run(file: &Path, database: &Path, key: &str) -> Result<Counts> {
    let (sender, batches) = sync_channel::<Vec<Row>>(AHEAD);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<()> {
            let mut batch = Vec::with_capacity(BATCH);
            each_row(file, |row| {
                batch.push(row);
                if batch.len() == BATCH {
                    sender.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
                }
                Ok(())
            })?;
            Ok(sender.send(batch)?)
        });
        let counts = write(database, key, batches);
        reading
            .join()
            .map_err(|_| anyhow!("the reader panicked"))??;
        counts
    })
}

fn write(database: &Path, key: &str, batches: Receiver<Vec<Row>>) -> Result<Counts> {
    let mut connection = Connection::open(database)?;
    connection.pragma_update(None, "key", key)?;
    connection.execute_batch(include_str!("reference.sql"))?;
    let transaction = connection.transaction()?;
    let counts = Writer::new(&transaction)?.write_all(batches)?;
    transaction.commit()?;
    Ok(counts)
}

struct Writer<'t> {
    known: Statement<'t>,
    insert: Statement<'t>,
    log: Statement<'t>,
    phones: HashSet<String>,
    /// State of a small generator: ids need to be unlike, not secret.
    random: u64,
    counts: Counts,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t Transaction<'_>) -> Result<Self> {
        Ok(Self {
            known: transaction.prepare("select 1 from customer where phone = ?1 limit 1")?,
            insert: transaction.prepare(
                "insert into customer
                   (uid, number, name, contact, phone, email, industry, region, address, level, fen, day, note, import)
                 values
                   (:uid, :number, :name, :contact, :phone, :email, :industry, :region, :address, :level, :fen, :day, :note, 1)",
            )?,
            log: transaction.prepare("insert into log (uid, kind, at, payload) values (?1, 'create', ?2, ?3)")?,
            phones: HashSet::new(),
            random: 0x9e37_79b9_7f4a_7c15,
            counts: Counts::default(),
        })
    }

    fn write_all(mut self, batches: Receiver<Vec<Row>>) -> Result<Counts> {
        for row in batches.into_iter().flatten() {
            self.write(&row)?;
        }
        Ok(self.counts)
    }

    fn write(&mut self, row: &Row) -> Result<()> {
        let phone = digits(&row[3]);
        if phone.len() != 11 || !phone.starts_with('1') {
            self.counts.refused += 1;
            return Ok(());
        }
        if self.phones.contains(&phone) || self.known.exists([&phone])? {
            self.counts.repeated += 1;
            return Ok(());
        }
        let [
            number,
            name,
            contact,
            email,
            industry,
            region,
            address,
            level,
            note,
        ] = [0, 1, 2, 4, 5, 6, 7, 8, 11].map(|column: usize| trimmed(&row[column]));
        let email = email.to_lowercase();
        let fen = match row[9] {
            #[allow(clippy::cast_possible_truncation, reason = "amounts fit")]
            Data::Float(yuan) => (yuan * 100.0).round() as i64,
            _ => 0,
        };
        let day = match &row[10] {
            Data::DateTime(moment) => {
                let (year, month, day, ..) = moment.to_ymd_hms_milli();
                format!("{year:04}-{month:02}-{day:02}")
            }
            _ => String::new(),
        };
        let uid = self.uid();
        self.insert.execute(named_params! {
            ":uid": uid, ":number": number, ":name": name, ":contact": contact, ":phone": phone, ":email": email,
            ":industry": industry, ":region": region, ":address": address, ":level": level, ":fen": fen, ":day": day,
            ":note": note,
        })?;
        let payload = json!({
            "number": number, "name": name, "contact": contact, "phone": phone, "email": email, "industry": industry,
            "region": region, "address": address, "level": level, "fen": fen, "day": day, "note": note,
        });
        self.log
            .execute((uid, 1_700_000_000_000_i64, payload.to_string()))?;
        self.phones.insert(phone);
        self.counts.added += 1;
        Ok(())
    }

    /// Ordered by time in front, random behind, as UUIDv7 is.
    fn uid(&mut self) -> [u8; 16] {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let mut uid = [0; 16];
        uid[..8].copy_from_slice(&(1_700_000_000_000 + self.counts.added).to_be_bytes());
        uid[8..].copy_from_slice(&self.random.to_be_bytes());
        uid
    }
}

/// A cell's text without white space and hidden characters at its ends.
fn trimmed(cell: &Data) -> String {
    match cell {
        Data::String(text) => text
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
            .to_owned(),
        Data::Float(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The digits of a phone, however it was written.
fn digits(cell: &Data) -> String {
    match cell {
        Data::Float(number) => format!("{number:.0}"),
        Data::String(text) => text
            .chars()
            .filter_map(|c| match c {
                '0'..='9' => Some(c),
                '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
                _ => None,
            })
            .collect(),
        _ => String::new(),
    }
}
