//! One SQL text, two dialects. Statements are written with `:name` parameters and `in (:names...)` lists;
//! PostgreSQL gets `$1` and `= any($1)`, SQLite `?1` and `in rarray(?1)`. A list that may be long names its type, as in
//! `in (:ids::bytea...)`: PostgreSQL gets `in (select unnest($1::bytea[]))`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement as one engine takes it, and the name that each counted parameter has.
#[derive(Debug)]
pub(super) struct Statement {
    pub text: String,
    pub names: Vec<&'static str>,
}

/// Each statement is translated once; the texts are constants of the program, so there are few.
#[derive(Debug)]
pub(super) struct Statements {
    dialect: Dialect,
    /// By the text and the number of rows it writes at once.
    known: RwLock<HashMap<(&'static str, usize), Arc<Statement>>>,
}

impl Statements {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            known: RwLock::default(),
        }
    }

    pub fn of(&self, sql: &'static str) -> Arc<Statement> {
        self.known_or(sql, 1, || translate(sql, self.dialect))
    }

    /// An insert of one row as one of `rows` rows. Its names are those of all rows, one row after the other; none when
    /// parameters stand elsewhere than in the brackets behind `values`.
    pub fn of_rows(&self, sql: &'static str, rows: usize) -> Option<Arc<Statement>> {
        if rows == 1 {
            return Some(self.of(sql));
        }
        let (before, row, after) = parts_of_insert(sql)?;
        let (before, after) = (
            translate(before, self.dialect),
            translate(after, self.dialect),
        );
        if !before.names.is_empty() || !after.names.is_empty() {
            return None;
        }
        Some(self.known_or(sql, rows, || {
            let mut whole = before;
            for n in 0..rows {
                let first = whole.names.len();
                whole.text.push_str(if n == 0 { "" } else { ", " });
                append(&mut whole, first, row, self.dialect);
            }
            whole.text.push_str(&after.text);
            whole
        }))
    }

    fn known_or(
        &self,
        sql: &'static str,
        rows: usize,
        make: impl FnOnce() -> Statement,
    ) -> Arc<Statement> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = known.get(&(sql, rows)) {
            return Arc::clone(statement);
        }
        drop(known);
        let statement = Arc::new(make());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry((sql, rows)).or_insert(statement))
    }
}

/// What stands before the brackets behind `values`, those with their content, and what follows.
fn parts_of_insert(sql: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let from = sql.find("values (")? + "values ".len();
    let (mut at, mut depth) = (from, 0_u32);
    while at < sql.len() {
        if let Some(verbatim) = verbatim(&sql[at..]) {
            at += verbatim.len();
            continue;
        }
        let next = sql[at..].chars().next()?;
        at += next.len_utf8();
        match next {
            '(' => depth += 1,
            ')' if depth == 1 => return Some((&sql[..from], &sql[from..at], &sql[at..])),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn translate(sql: &'static str, dialect: Dialect) -> Statement {
    let mut statement = Statement {
        text: String::with_capacity(sql.len() + 16),
        names: Vec::new(),
    };
    append(&mut statement, 0, sql, dialect);
    statement
}

/// Appends `sql`; a name that occurs twice is one parameter, counted among those from `first` on.
fn append(statement: &mut Statement, first: usize, sql: &'static str, dialect: Dialect) {
    let Statement { text, names } = statement;
    let mut rest = sql;
    while !rest.is_empty() {
        if let Some(verbatim) = verbatim(rest) {
            text.push_str(verbatim);
            rest = &rest[verbatim.len()..];
            continue;
        }
        let listed = rest.strip_prefix("in (:").and_then(|after| {
            let name = name_at(after);
            let after = &after[name.len()..];
            let kind = after.strip_prefix("::").map(name_at);
            let after = &after[kind.map_or(0, |kind| kind.len() + 2)..];
            Some((name, kind, after.strip_prefix("...)")?))
        });
        if let Some((name, kind, after)) = listed {
            let n = number(names, first, name);
            match (dialect, kind) {
                // A long list against an array is a scan for each row; as a set it is looked up by index.
                (Dialect::Postgres, Some(kind)) => {
                    text.push_str(&format!("in (select unnest(${n}::{kind}[]))"));
                }
                (Dialect::Postgres, None) => text.push_str(&format!("= any(${n})")),
                (Dialect::Sqlite, _) => text.push_str(&format!("in rarray(?{n})")),
            }
            rest = after;
            continue;
        }
        let name = rest.strip_prefix(':').map_or("", name_at);
        if name.is_empty() {
            let next = rest.chars().next().expect("the rest is not empty");
            text.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            let n = number(names, first, name);
            match dialect {
                Dialect::Postgres => text.push_str(&format!("${n}")),
                Dialect::Sqlite => text.push_str(&format!("?{n}")),
            }
            rest = &rest[1 + name.len()..];
        }
    }
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

fn number(names: &mut Vec<&'static str>, first: usize, name: &'static str) -> usize {
    let at = names[first..].iter().position(|known| *known == name);
    at.map(|at| first + at).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }) + 1
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
        let three = statements.of_rows(sql, 3).unwrap();
        assert_eq!(
            three.text,
            "insert into t (a, b, c) values ($1, coalesce($2, ')'), $1), ($3, coalesce($4, ')'), $3), \
             ($5, coalesce($6, ')'), $5) on conflict (a) do nothing"
        );
        assert_eq!(three.names, ["a", "b", "a", "b", "a", "b"]);
        let elsewhere = "insert into t (a) values (:a) on conflict (a) do update set a = :b";
        assert!(statements.of_rows(elsewhere, 2).is_none());
        assert!(statements.of_rows("update t set a = :a", 2).is_none());
    }

    #[test]
    fn a_list_that_may_be_long_is_a_set_where_the_engine_knows_none() {
        let sql = "select id from t where a = :a and id in (:ids::bytea...) and b = :b";
        let postgres = translate(sql, Dialect::Postgres);
        assert_eq!(
            postgres.text,
            "select id from t where a = $1 and id in (select unnest($2::bytea[])) and b = $3"
        );
        assert_eq!(postgres.names, ["a", "ids", "b"]);
        let sqlite = translate(sql, Dialect::Sqlite);
        assert!(sqlite.text.ends_with("id in rarray(?2) and b = ?3"));
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
