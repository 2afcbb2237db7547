//! Long text in the full-text index: every Han character is a token of its own, every letter of ASCII one with
//! the letter or digit behind it, every digit one with up to two digits behind it; so any part is found by a
//! phrase, and no segmenter decides what a word is. The fewer texts a token stands in, the faster the phrase: of
//! four digits among a million numbers 45 ms with single digits, 9 ms with pairs. What stands between them is one
//! token, so that no phrase crosses punctuation. The index splits at blanks alone (FTS5's `ascii`): its Unicode
//! tables are older than many a character of a name.

use ketu_model::field::{FieldDef, SearchClass};
use ketu_model::normalise::text::fold;
use ketu_model::{EntityDef, Fields};

/// The fields of long text.
pub fn fields(entity: &EntityDef) -> impl Iterator<Item = &FieldDef> {
    let is_text = |field: &&FieldDef| field.search == SearchClass::Text;
    entity.core_fields().filter(is_text)
}

/// All searchable long text of a record.
pub fn body(entity: &EntityDef, record: &Fields) -> String {
    joined(fields(entity).filter_map(|field| record.text(&field.key)))
}

/// Texts of several fields as one, in which no word runs over from one into the next.
pub fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

/// Stands in a token where the run of letters or digits ends, and alone for all that is neither.
const END: char = '·';

/// How many digits a token holds at most.
const DIGITS: usize = 3;

/// A text as the index takes it: `报价2026年。` is `报 价 202 026 26· 6· 年 ·`, each token followed by a blank.
pub fn tokens(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len() * 4 / 3);
    let mut between = false;
    for (at, c) in folded.char_indices() {
        if c.is_alphanumeric() {
            push_token(&mut out, c, &folded[at + c.len_utf8()..]);
        } else if !between {
            out.push(END);
        } else {
            continue;
        }
        between = !c.is_alphanumeric();
        out.push(' ');
    }
    out
}

fn push_token(out: &mut String, c: char, behind: &str) {
    out.push(c);
    if c.is_ascii_digit() {
        let more = behind.chars().take_while(char::is_ascii_digit);
        let before = out.len();
        out.extend(more.take(DIGITS - 1));
        if out.len() < before + DIGITS - 1 {
            out.push(END);
        }
    } else if c.is_ascii() {
        let next = behind.chars().next().filter(char::is_ascii_alphanumeric);
        out.push(next.unwrap_or(END));
    }
}

/// Whether a phrase finds more than there is: any punctuation stands for any other.
pub fn is_rough(query: &str) -> bool {
    !fold(query).chars().all(char::is_alphanumeric)
}

/// What finds `query` in the index; `None` where it has no letter, digit or Han character. Where the query
/// `is_rough`, hits are checked with `contains`.
pub fn phrase(query: &str) -> Option<String> {
    let folded = fold(query);
    if !folded.chars().any(char::is_alphanumeric) {
        return None;
    }
    let tokens = tokens(query);
    let mut tokens: Vec<&str> = tokens.split_whitespace().collect();
    // Where the query ends within a run, the text's run may go on: of the last tokens the first tells what
    // the others do, and the one before it may tell all of it.
    let open: String = match folded.chars().next_back() {
        Some(last) if last.is_ascii_digit() => {
            let digits = folded.chars().rev().take_while(char::is_ascii_digit);
            let run = digits.count().min(DIGITS - 1);
            let open = &folded[folded.len() - run..];
            tokens.truncate(tokens.len() - run);
            open.to_owned()
        }
        Some(last) if last.is_ascii_alphanumeric() => {
            tokens.pop();
            last.to_string()
        }
        _ => String::new(),
    };
    if open.is_empty() || tokens.last().is_some_and(|token| token.ends_with(&open)) {
        return Some(format!("\"{}\"", tokens.join(" ")));
    }
    let before = tokens.join(" ");
    let phrases: Vec<String> = continuations(&open)
        .iter()
        .map(|last| format!("\"{before} {last}\""))
        .collect();
    Some(format!("({})", phrases.join(" OR ")))
}

/// The tokens that begin with `open`, the last letter or the last one or two digits of a query.
fn continuations(open: &str) -> Vec<String> {
    let next = |head: &str, followers: &str| -> Vec<String> {
        let with = |next| format!("{head}{next}");
        followers.chars().map(with).collect()
    };
    const NUMERALS: &str = "0123456789";
    if !open.ends_with(|c: char| c.is_ascii_digit()) {
        return next(open, "abcdefghijklmnopqrstuvwxyz0123456789·");
    }
    let mut tokens = next(open, "·");
    for longer in next(open, NUMERALS) {
        if longer.len() == DIGITS {
            tokens.push(longer);
        } else {
            tokens.extend(next(&longer, "·0123456789"));
        }
    }
    tokens
}

/// What a hit is: the folded query is a part of the folded text.
pub fn contains(text: &str, query: &str) -> bool {
    fold(text).contains(fold(query).as_ref())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_letters_with_the_next_and_digits_by_three_are_tokens() {
        assert_eq!(
            tokens("报价2026万，“ＰＯ-7”"),
            "报 价 202 026 26· 6· 万 · po o· · 7· · "
        );
        assert_eq!(tokens("a12b"), "a1 12· 2· b· ");
    }

    #[test]
    fn a_query_that_ends_within_a_run_finds_runs_that_go_on() {
        assert_eq!(phrase("1234").as_deref(), Some("\"123 234\""));
        assert_eq!(phrase("价123").as_deref(), Some("\"价 123\""));
        assert_eq!(phrase("50万").as_deref(), Some("\"50· 0· 万\""));
        assert_eq!(phrase("po1").as_deref(), Some("\"po o1\""));
        assert_eq!(phrase("7-").as_deref(), Some("\"7· ·\""));
        assert_eq!(phrase("……"), None);
        let cases = [
            ("价50", 11, "价 50·"),
            ("5", 111, " 52·"),
            ("k12", 11, "k1 123"),
            ("k", 37, " k9"),
        ];
        for (query, count, one) in cases {
            let any = phrase(query).unwrap();
            assert_eq!(any.matches(" OR ").count() + 1, count, "{query}");
            assert!(any.contains(&format!("\"{one}\"")), "{query}: {any}");
        }
    }

    #[test]
    fn only_what_has_punctuation_of_its_own_is_found_roughly() {
        assert!(!is_rough("报价50"));
        assert!(is_rough("报价，50"));
        assert!(contains("下周报价，50万", "报价，50"));
        assert!(!contains("下周报价：50万", "报价，50"));
    }
}
