//! Long text in the full-text index: every letter, digit and Han character is a token of its own,
//! so that any part is found by a phrase, and no segmenter decides what a word is. The index splits at
//! blanks alone (FTS5's `ascii`): its Unicode tables are older than many a character of a name.

use ketu_model::field::SearchClass;
use ketu_model::normalise::text::fold;
use ketu_model::{EntityDef, Fields};

/// All searchable long text of a record.
pub fn body(entity: &EntityDef, fields: &Fields) -> String {
    let texts = entity
        .fields
        .iter()
        .filter(|field| field.search == SearchClass::Text)
        .filter_map(|field| fields.text(&field.key));
    texts.collect::<Vec<_>>().join("\n")
}

/// A text as the index takes it: its folded letters and digits, separated by blanks.
pub fn unigrams(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 4 / 3);
    for c in fold(text).chars().filter(|c| c.is_alphanumeric()) {
        out.push(c);
        out.push(' ');
    }
    out
}

/// The phrase that finds `query`; `None` where it has no letter, digit or Han character. The
/// phrase also finds matches across punctuation, so hits are checked with `contains`.
pub fn phrase(query: &str) -> Option<String> {
    let tokens = unigrams(query);
    (!tokens.is_empty()).then(|| format!("\"{}\"", tokens.trim_end()))
}

/// What a hit is: the folded query is a part of the folded text.
pub fn contains(text: &str, query: &str) -> bool {
    fold(text).contains(fold(query).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_han_are_tokens_and_the_rest_is_not() {
        assert_eq!(unigrams("报价50万，ＰＯ-7"), "报 价 5 0 万 p o 7 ");
        assert_eq!(phrase("价50").as_deref(), Some("\"价 5 0\""));
        assert_eq!(phrase("……"), None);
    }

    #[test]
    fn a_match_across_punctuation_is_no_hit() {
        assert!(contains("下周报价，50万", "报价"));
        assert!(!contains("下周报价，50万", "价50"));
    }
}
