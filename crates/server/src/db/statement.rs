//! One SQL text, two dialects. Statements are written with `:name` parameters and `in (:names...)` lists;
//! PostgreSQL gets `$1` and `= any($1)`, SQLite `?1` and `in rarray(?1)`.

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
    known: RwLock<HashMap<&'static str, Arc<Statement>>>,
}

impl Statements {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            known: RwLock::default(),
        }
    }

    pub fn of(&self, sql: &'static str) -> Arc<Statement> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = known.get(sql) {
            return Arc::clone(statement);
        }
        drop(known);
        let statement = Arc::new(translate(sql, self.dialect));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(sql).or_insert(statement))
    }
}

fn translate(sql: &'static str, dialect: Dialect) -> Statement {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut names: Vec<&'static str> = Vec::new();
    let mut rest = sql;
    while !rest.is_empty() {
        if let Some(verbatim) = verbatim(rest) {
            text.push_str(verbatim);
            rest = &rest[verbatim.len()..];
            continue;
        }
        let listed = rest.strip_prefix("in (:").and_then(|after| {
            let name = name_at(after);
            let after = after[name.len()..].strip_prefix("...)")?;
            Some((name, after))
        });
        if let Some((name, after)) = listed {
            let n = number(&mut names, name);
            match dialect {
                Dialect::Postgres => text.push_str(&format!("= any(${n})")),
                Dialect::Sqlite => text.push_str(&format!("in rarray(?{n})")),
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
            let n = number(&mut names, name);
            match dialect {
                Dialect::Postgres => text.push_str(&format!("${n}")),
                Dialect::Sqlite => text.push_str(&format!("?{n}")),
            }
            rest = &rest[1 + name.len()..];
        }
    }
    Statement { text, names }
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

fn number(names: &mut Vec<&'static str>, name: &'static str) -> usize {
    let at = names.iter().position(|known| *known == name);
    at.unwrap_or_else(|| {
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
