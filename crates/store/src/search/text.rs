//! Long text in the full-text index: every Han character is a token of its own, every letter or digit of
//! ASCII one with the letter or digit behind it, so that any part is found by a phrase, and no segmenter
//! decides what a word is. A token for each single digit would stand in nearly every text: a phrase of four
//! of them took 45 ms among a million. What stands between them is one token, so that no phrase crosses
//! punctuation. The index splits at blanks alone (FTS5's `ascii`): its Unicode tables
//! are older than many a character of a name.

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

/// Stands behind the last letter or digit of a run, and alone for all that is neither letter nor digit.
const END: char = '·';

/// A text as the index takes it: `报价50万。` is `报 价 50 0· 万 ·`, each token followed by a blank.
pub fn tokens(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len() * 4 / 3);
    let mut between = false;
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() {
            out.push(c);
            if c.is_ascii() {
                let next = chars.peek().filter(|next| next.is_ascii_alphanumeric());
                out.push(*next.unwrap_or(&END));
            }
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

/// Whether a phrase finds more than there is: any punctuation stands for any other.
pub fn is_rough(query: &str) -> bool {
    !fold(query).chars().all(char::is_alphanumeric)
}

/// What finds `query` in the index; `None` where it has no letter, digit or Han character. Where the query
/// `is_rough`, hits are checked with `contains`.
pub fn phrase(query: &str) -> Option<String> {
    let tokens = tokens(query);
    let tokens = tokens.trim_end();
    if !fold(query).chars().any(char::is_alphanumeric) {
        return None;
    }
    let goes_on = fold(query)
        .chars()
        .next_back()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    // Where the query ends in mid-run, the text's run may go on.
    let Some(rest) = tokens.strip_suffix(END).filter(|_| goes_on) else {
        return Some(format!("\"{tokens}\""));
    };
    let (before, last) = rest.rsplit_once(' ').unwrap_or(("", rest));
    if before.ends_with(last) {
        return Some(format!("\"{before}\""));
    }
    let followers = ('a'..='z').chain('0'..='9').chain([END]);
    let phrases: Vec<String> = followers.map(|next| format!("\"{rest}{next}\"")).collect();
    Some(format!("({})", phrases.join(" OR ")))
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
    fn han_characters_pairs_of_letters_and_digits_and_what_is_between_are_tokens() {
        assert_eq!(
            tokens("报价50万，“ＰＯ-7”"),
            "报 价 50 0· 万 · po o· · 7· · "
        );
        assert_eq!(phrase("价50").as_deref(), Some("\"价 50\""));
        assert_eq!(phrase("50万").as_deref(), Some("\"50 0· 万\""));
        assert_eq!(phrase("7-").as_deref(), Some("\"7· ·\""));
        assert_eq!(phrase("……"), None);
        let any = phrase("价5").unwrap();
        assert!(any.contains("\"价 50\" OR ") && any.ends_with(" OR \"价 5·\")"));
    }

    #[test]
    fn only_what_has_punctuation_of_its_own_is_found_roughly() {
        assert!(!is_rough("报价50"));
        assert!(is_rough("报价，50"));
        assert!(contains("下周报价，50万", "报价，50"));
        assert!(!contains("下周报价：50万", "报价，50"));
    }
}
