//! Yes and no as people tick them in a sheet.

use super::Malformed;
use crate::normalise::text::{clean, fold};

const YES: [&str; 16] = [
    "是", "y", "yes", "true", "t", "1", "√", "✓", "✔", "☑", "对", "有", "真", "on", "已", "是的",
];
const NO: [&str; 16] = [
    "否", "n", "no", "false", "f", "0", "×", "✗", "✘", "☒", "错", "无", "假", "off", "未", "不是",
];

/// Reads 是/否, Y/N, true/false, 1/0, √/× and their like; anything else is [`Malformed::BooleanFormat`].
pub fn boolean(text: &str) -> Result<bool, Malformed> {
    let cleaned = clean(text);
    let word = fold(&cleaned);
    if YES.contains(&word.as_ref()) {
        Ok(true)
    } else if NO.contains(&word.as_ref()) {
        Ok(false)
    } else {
        Err(Malformed::BooleanFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_words_and_digits_are_read_in_both_languages_and_widths() {
        for yes in ["是", " Y ", "ｙｅｓ", "TRUE", "１", "√", "对"] {
            assert_eq!(boolean(yes), Ok(true), "{yes}");
        }
        for no in ["否", "n", "False", "0", "×", "无\u{a0}"] {
            assert_eq!(boolean(no), Ok(false), "{no}");
        }
        for neither in ["", "也许", "2", "x"] {
            assert_eq!(
                boolean(neither),
                Err(Malformed::BooleanFormat),
                "{neither:?}"
            );
        }
    }
}
