//! Text as typed or pasted, freed of what nobody sees: hidden characters, odd spaces, full-width forms.

use std::borrow::Cow;

/// One line of text without invisible characters: control and zero-width characters and byte order marks are gone,
/// every run of white space (no-break and ideographic ones and line ends included) is one space, ends are trimmed.
/// `_x000D_`, which spreadsheets write for a carriage return, counts as white space.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    push_cleaned(text, &mut out);
    // Removing a hidden character may bring a new `_x000D_` together.
    if out.contains(CARRIAGE_RETURN) {
        return Cow::Owned(clean(&out).into_owned());
    }
    Cow::Owned(out)
}

/// Like [`clean`], but line ends stay (as `\n`): for notes and addresses of several lines. Empty lines at both ends
/// are dropped, those between stay.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    let has_lines = text.contains(['\n', '\r']) || text.contains(CARRIAGE_RETURN);
    if !has_lines {
        return clean(text);
    }
    let unified = text
        .replace(CARRIAGE_RETURN, "\r")
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let mut out = String::with_capacity(unified.len());
    for (index, line) in unified.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        push_cleaned(line, &mut out);
    }
    if out.contains(CARRIAGE_RETURN) {
        return Cow::Owned(clean_lines(&out).into_owned());
    }
    Cow::Owned(out.trim_matches('\n').to_owned())
}

/// Text for comparing and searching: full-width letters, digits and punctuation as their half-width twins, lower
/// case. White space and hidden characters are left to [`clean`].
pub fn fold(text: &str) -> Cow<'_, str> {
    let is_folded = |c: char| {
        if c.is_ascii() {
            !c.is_ascii_uppercase()
        } else {
            is_han(c) || (half_width(c) == c && c.to_lowercase().eq(std::iter::once(c)))
        }
    };
    if text.chars().all(is_folded) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| out.extend(fold_char(c)));
    Cow::Owned(out)
}

/// One character as [`fold`] writes it.
pub fn fold_char(c: char) -> impl Iterator<Item = char> {
    half_width(c).to_lowercase()
}

/// The half-width twin of a full-width character, or the character itself.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("the block mirrors printable ASCII")
        }
        '\u{3000}' => ' ',
        '\u{ffe5}' => '¥',
        '\u{ffe1}' => '£',
        '\u{ffe0}' => '¢',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '、' => ',',
        '。' => '.',
        _ => c,
    }
}

/// Whether a character is a Han ideograph of the blocks that names are written in.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}' | '〇')
}

const CARRIAGE_RETURN: &str = "_x000D_";

fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

fn is_clean(text: &str) -> bool {
    let mut after_space = true;
    for c in text.chars() {
        if c == ' ' {
            if after_space {
                return false;
            }
            after_space = true;
        } else {
            if c.is_whitespace() || is_hidden(c) {
                return false;
            }
            after_space = false;
        }
    }
    (text.is_empty() || !after_space) && !text.contains(CARRIAGE_RETURN)
}

/// Appends `text` cleaned, as if `out` ended before it.
fn push_cleaned(text: &str, out: &mut String) {
    let start = out.len();
    let mut space_is_due = false;
    // A zero-width joiner hides in names but holds emoji families together.
    let mut before_joiner = None;
    for (index, piece) in text.split(CARRIAGE_RETURN).enumerate() {
        space_is_due |= index > 0;
        for c in piece.chars() {
            if c == '\u{200d}' {
                before_joiner = out[start..]
                    .chars()
                    .next_back()
                    .filter(|c| is_pictograph(*c));
                continue;
            }
            if c.is_whitespace() {
                space_is_due = true;
                before_joiner = None;
            } else if !is_hidden(c) {
                if std::mem::take(&mut space_is_due) && out.len() > start {
                    out.push(' ');
                }
                if before_joiner.take().is_some() && is_pictograph(c) {
                    out.push('\u{200d}');
                }
                out.push(c);
            }
        }
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_and_odd_spaces_go() {
        for (text, cleaned) in [
            ("华科技术", "华科技术"),
            ("\u{feff}华科\u{200b}技术 ", "华科技术"),
            ("\u{a0}华科\u{3000}\u{3000}技术\t", "华科 技术"),
            ("a_x000D_\nb", "a b"),
            ("_x000D_", ""),
            ("a\u{0}b\u{7f}", "ab"),
            ("👨\u{200d}👩", "👨\u{200d}👩"),
            ("王\u{200d}总", "王总"),
            ("   ", ""),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn lines_of_a_note_stay_lines() {
        assert_eq!(
            clean_lines("一_x000D_\r\n二 \r\n\r\n 三\r"),
            "一\n\n二\n\n三"
        );
        assert_eq!(clean_lines(" 一  行 "), "一 行");
    }

    #[test]
    fn folding_makes_width_and_case_equal() {
        assert_eq!(fold("ＡＢＣ（１２３）Ｌｔｄ．"), "abc(123)ltd.");
        assert_eq!(fold("华为【中国】"), "华为[中国]");
        assert!(matches!(fold("华为 123"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in "(\\PC|[ \t\u{a0}\u{200b}\u{200d}\n\r]|_x000D_){0,20}") {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            let lines = clean_lines(&text).into_owned();
            prop_assert_eq!(clean_lines(&lines), lines.as_str());
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,20}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once), once.as_str());
        }
    }
}
