//! One SQL text, two dialects. Statements are written with `:name` parameters and `in (:names...)` lists;
//! PostgreSQL gets `$1` and `= any($1)`, SQLite `?1` and `in rarray(?1)`. A list that may be long names its type, as in
//! `where … and id in (:ids::bytea...)`: PostgreSQL, which knows too little of a young table to choose well, is told to
//! look each of its values up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement as one engine takes it, and the name that each counted parameter has.
#[derive(Debug, Default)]
pub(super) struct Statement {
    pub text: String,
    pub names: Vec<&'static str>,
}

/// Each statement is translated once; the texts are constants of the program, so there are few.
#[derive(Debug)]
pub(super) struct Statements {
    dialect: Dialect,
    /// By the text, and whether it writes many rows at once.
    known: RwLock<HashMap<(&'static str, bool), Arc<Statement>>>,
}

impl Statements {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            known: RwLock::default(),
        }
    }

    pub fn of(&self, sql: &'static str) -> Arc<Statement> {
        let known = self.of_known(sql, false);
        known.unwrap_or_else(|| self.keep(sql, false, translate(sql, self.dialect)))
    }

    /// What [`Self::keep_rows`] made of an insert.
    pub fn of_rows(&self, sql: &'static str) -> Option<Arc<Statement>> {
        self.of_known(sql, true)
    }

    /// An insert of one row as one of as many as the lists are long that its parameters are then, in the same order;
    /// `kinds` are the parameters' types. None when parameters stand elsewhere than in the brackets behind `values`.
    pub fn keep_rows(&self, sql: &'static str, kinds: &[&str]) -> Option<Arc<Statement>> {
        let names = &self.of(sql).names;
        let rows = rows_of(parts_of_insert(sql)?, names, kinds)?;
        Some(self.keep(sql, true, rows))
    }

    fn of_known(&self, sql: &'static str, rows: bool) -> Option<Arc<Statement>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&(sql, rows)).cloned()
    }

    fn keep(&self, sql: &'static str, rows: bool, statement: Statement) -> Arc<Statement> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let kept = known.entry((sql, rows));
        Arc::clone(kept.or_insert_with(|| Arc::new(statement)))
    }
}

/// What stands before `values`, within the brackets behind it, and after them.
fn parts_of_insert(sql: &'static str) -> Option<[&'static str; 3]> {
    let (before, rest) = sql.split_once("values (")?;
    let row = until_closed(rest);
    Some([before, row, rest[row.len()..].strip_prefix(')')?])
}

fn rows_of(
    [before, row, after]: [&'static str; 3],
    names: &[&'static str],
    kinds: &[&str],
) -> Option<Statement> {
    let outside = [before, after].map(|sql| translate(sql, Dialect::Postgres));
    if outside.iter().any(|outside| !outside.names.is_empty()) {
        return None;
    }
    let lists = (1..).zip(kinds).map(|(n, kind)| format!("${n}::{kind}[]"));
    let lists: Vec<String> = lists.collect();
    let columns: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let values: String = pieces(row)
        .map(|piece| match piece {
            Piece::Parameter(name) => format!("given.\"{name}\""),
            Piece::Text(text) | Piece::List { text, .. } => text.to_owned(),
        })
        .collect();
    let (lists, columns) = (lists.join(", "), columns.join(", "));
    let [before, after] = outside.map(|outside| outside.text);
    Some(Statement {
        text: format!("{before}select {values} from unnest({lists}) as given({columns}){after}"),
        names: names.to_vec(),
    })
}

fn translate(sql: &'static str, dialect: Dialect) -> Statement {
    let mut statement = Statement::default();
    match LookUp::of(sql).filter(|_| dialect == Dialect::Postgres) {
        Some(look_up) => look_up.append_to(&mut statement),
        None => statement.append(sql, dialect),
    }
    statement
}

impl Statement {
    fn append(&mut self, sql: &'static str, dialect: Dialect) {
        for piece in pieces(sql) {
            let text = match (piece, dialect) {
                (Piece::Text(text), _) => text.to_owned(),
                (Piece::Parameter(name), Dialect::Postgres) => format!("${}", self.number(name)),
                (Piece::Parameter(name), Dialect::Sqlite) => format!("?{}", self.number(name)),
                (Piece::List { name, .. }, Dialect::Postgres) => {
                    format!("= any(${})", self.number(name))
                }
                (Piece::List { name, .. }, Dialect::Sqlite) => {
                    format!("in rarray(?{})", self.number(name))
                }
            };
            self.text.push_str(&text);
        }
    }

    /// A name that occurs twice is one parameter.
    fn number(&mut self, name: &'static str) -> usize {
        let at = self.names.iter().position(|known| *known == name);
        at.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        }) + 1
    }
}

/// `select … from table where … and x in (:list::kind...) …`, in parts.
struct LookUp {
    /// All before the table's name.
    before: &'static str,
    table: &'static str,
    /// The condition before and after `in (…)`.
    condition: [&'static str; 2],
    list: &'static str,
    kind: &'static str,
    after: &'static str,
}

impl LookUp {
    fn of(sql: &'static str) -> Option<Self> {
        let mut at = 0;
        let long = pieces(sql).find_map(|piece| {
            let from = at;
            at += piece.len();
            match piece {
                Piece::List { name, kind, .. } => Some((name, kind?, from)),
                _ => None,
            }
        });
        let (list, kind, from) = long.filter(|_| sql.starts_with("select"))?;
        let table_at = sql[..from].rfind("from ")? + "from ".len();
        let table = name_at(&sql[table_at..]);
        let rest = until_closed(&sql[at..]);
        let rest = &rest[..rest.find("order by").unwrap_or(rest.len())];
        Some(Self {
            before: &sql[..table_at],
            table,
            condition: [&sql[table_at + table.len()..from], rest],
            list,
            kind,
            after: &sql[at + rest.len()..],
        })
    }

    /// The list comes first, and the condition stands apart (`offset 0`): which of them is looked up in the other would be
    /// the planner's choice otherwise, and it takes a table that it never counted for a small one.
    fn append_to(self, statement: &mut Statement) {
        let Self { table, kind, .. } = self;
        let dialect = Dialect::Postgres;
        statement.append(self.before, dialect);
        let n = statement.number(self.list);
        statement.text.push_str(&format!(
            "(select distinct unnest(${n}::{kind}[]) as wanted_value) as wanted cross join lateral (select * from {table}"
        ));
        let [before, after] = self.condition;
        statement.append(before, dialect);
        statement.text.push_str("= wanted.wanted_value");
        statement.append(after, dialect);
        statement.text.push_str(&format!(" offset 0) as {table}"));
        if !self.after.is_empty() {
            statement.text.push('\n');
            statement.append(self.after, dialect);
        }
    }
}

#[derive(Clone, Copy)]
enum Piece {
    Text(&'static str),
    Parameter(&'static str),
    List {
        text: &'static str,
        name: &'static str,
        kind: Option<&'static str>,
    },
}

impl Piece {
    /// Its part of the statement's text; a parameter's is its name behind a colon.
    fn len(&self) -> usize {
        match self {
            Self::Text(text) | Self::List { text, .. } => text.len(),
            Self::Parameter(name) => name.len() + 1,
        }
    }
}

/// The pieces of a statement, in their order and nothing left out.
fn pieces(sql: &'static str) -> impl Iterator<Item = Piece> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let next = rest.chars().next()?;
        let name = rest.strip_prefix(':').map_or("", name_at);
        let piece = if let Some(verbatim) = verbatim(rest) {
            Piece::Text(verbatim)
        } else if let Some(list) = list_at(rest) {
            list
        } else if name.is_empty() {
            Piece::Text(&rest[..next.len_utf8()])
        } else {
            Piece::Parameter(name)
        };
        rest = &rest[piece.len()..];
        Some(piece)
    })
}

/// `in (:name...)` or `in (:name::kind...)` at the start.
fn list_at(sql: &'static str) -> Option<Piece> {
    let rest = sql.strip_prefix("in (:")?;
    let name = name_at(rest);
    let rest = &rest[name.len()..];
    let kind = rest.strip_prefix("::").map(name_at);
    let rest = &rest[kind.map_or(0, |kind| kind.len() + 2)..];
    let rest = rest.strip_prefix("...)")?;
    let text = &sql[..sql.len() - rest.len()];
    Some(Piece::List { text, name, kind })
}

/// The text up to a bracket that closes more than it opens, or all of it.
fn until_closed(sql: &'static str) -> &'static str {
    let (mut at, mut depth) = (0, 0_u32);
    for piece in pieces(sql) {
        match piece {
            Piece::Text(")") if depth == 0 => return &sql[..at],
            Piece::Text("(") => depth += 1,
            Piece::Text(")") => depth -= 1,
            _ => {}
        }
        at += piece.len();
    }
    sql
}

/// A string, a quoted name, a comment or a cast at the start of `sql`: nothing in it is a parameter.
fn verbatim(sql: &str) -> Option<&str> {
    let until = |from: usize, end: &str| {
        let length = sql[from..].find(end).map(|at| from + at + end.len());
        Some(&sql[..length.unwrap_or(sql.len())])
    };
    match sql.as_bytes() {
        [b'\'', ..] => until(1, "'"),
        [b'"', ..] => until(1, "\""),
        [b'-', b'-', ..] => until(2, "\n"),
        [b'/', b'*', ..] => until(2, "*/"),
        [b':', b':', ..] => Some(&sql[..2]),
        _ => None,
    }
}

fn name_at(text: &'static str) -> &'static str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    &text[..end]
}

/// A migration as one engine takes it. Both read the same file: SQLite calls the two types by other names,
/// and its tables are strict, so that a value of the wrong kind is refused there as in PostgreSQL.
pub(super) fn schema_text(sql: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => sql.to_owned(),
        Dialect::Sqlite => sql
            .replace(" bigint", " integer")
            .replace(" bytea", " blob")
            .replace("\n);", "\n) strict;"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insert_of_one_row_becomes_one_of_several() {
        let statements = Statements::new(Dialect::Postgres);
        let sql =
            "insert into t (a, b, c) values (:a, coalesce(:b, ')'), :a) on conflict (a) do nothing";
        assert!(statements.of_rows(sql).is_none());
        let rows = statements.keep_rows(sql, &["int8", "text"]).unwrap();
        assert_eq!(
            rows.text,
            "insert into t (a, b, c) select given.\"a\", coalesce(given.\"b\", ')'), given.\"a\" \
             from unnest($1::int8[], $2::text[]) as given(\"a\", \"b\") on conflict (a) do nothing"
        );
        assert_eq!(rows.names, ["a", "b"]);
        assert!(Arc::ptr_eq(&rows, &statements.of_rows(sql).unwrap()));
        let elsewhere = "insert into t (a) values (:a) on conflict (a) do update set a = :b";
        assert!(statements.keep_rows(elsewhere, &["int8", "int8"]).is_none());
        assert!(
            statements
                .keep_rows("update t set a = :a", &["int8"])
                .is_none()
        );
    }

    #[test]
    fn the_values_of_a_list_that_may_be_long_are_looked_up_one_by_one() {
        let sql = "select id from t where a = :a and id in (:ids::bytea...) and b in (:bs...) order by id";
        let postgres = translate(sql, Dialect::Postgres);
        assert_eq!(
            postgres.text,
            "select id from (select distinct unnest($1::bytea[]) as wanted_value) as wanted cross join lateral \
             (select * from t where a = $2 and id = wanted.wanted_value and b = any($3)  offset 0) as t\norder by id"
        );
        assert_eq!(postgres.names, ["ids", "a", "bs"]);
        let sqlite = translate(sql, Dialect::Sqlite);
        assert!(
            sqlite
                .text
                .ends_with("id in rarray(?2) and b in rarray(?3) order by id")
        );
        let within =
            "select x from (select x from t where id in (:ids::bytea...) and (b)) as s where x";
        let postgres = translate(within, Dialect::Postgres);
        let end = "id = wanted.wanted_value and (b) offset 0) as t\n) as s where x";
        assert!(postgres.text.ends_with(end), "{}", postgres.text);
        let deleted = "delete from t where id in (:ids::bytea...)";
        let postgres = translate(deleted, Dialect::Postgres);
        assert_eq!(postgres.text, "delete from t where id = any($1)");
    }

    #[test]
    fn a_name_used_twice_is_one_counted_parameter_and_text_is_left_alone() {
        let sql = "select ':no' as a, id -- :neither\nfrom t where a = :a and b = :b_2 and c = :a and d in (:ids...)";
        let postgres = translate(sql, Dialect::Postgres);
        assert_eq!(
            postgres.text,
            "select ':no' as a, id -- :neither\nfrom t where a = $1 and b = $2 and c = $1 and d = any($3)"
        );
        assert_eq!(postgres.names, ["a", "b_2", "ids"]);
        let sqlite = translate(sql, Dialect::Sqlite);
        assert!(
            sqlite
                .text
                .ends_with("a = ?1 and b = ?2 and c = ?1 and d in rarray(?3)")
        );
    }
}
