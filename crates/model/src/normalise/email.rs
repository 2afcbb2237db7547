//! E-mail addresses: one spelling, and a check that catches slips without judging what a mail server would take.

use super::text::{clean, half_width};
use crate::parse::Malformed;

/// Trims, folds full-width forms, drops `mailto:` and writes the domain in lower case. The part before the @ keeps
/// its case, as it may matter to the other side.
///
/// # Errors
/// [`Malformed::EmailFormat`].
pub fn email(text: &str) -> Result<String, Malformed> {
    let cleaned = clean(text);
    let narrow: String = cleaned.chars().map(half_width).collect();
    let bare = narrow.trim_matches([' ', '<', '>', ';', ',']);
    let bare = match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => bare[7..].trim_start(),
        _ => bare,
    };
    let (local, domain) = bare.rsplit_once('@').ok_or(Malformed::EmailFormat)?;
    let local_is_sound = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if !local_is_sound || !is_domain(domain) {
        return Err(Malformed::EmailFormat);
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

/// Labels of letters, digits and inner dashes, at least two, the last one no number. Internationalised names pass.
pub(super) fn is_domain(domain: &str) -> bool {
    let label_is_sound = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let top_is_a_word = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
    domain.len() <= 253
        && domain.split('.').all(label_is_sound)
        && (top_is_a_word || top.starts_with("xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_one_spelling() {
        for (text, expected) in [
            (" Li.Lei@Example.COM ", "Li.Lei@example.com"),
            ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"),
            ("mailto:a+b@mail.example.cn", "a+b@mail.example.cn"),
            ("<a@example.com>;", "a@example.com"),
            ("销售@例子.公司", "销售@例子.公司"),
            ("a@xn--fsqu00a.xn--55qx5d", "a@xn--fsqu00a.xn--55qx5d"),
        ] {
            assert_eq!(email(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn slips_are_caught() {
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@example",
            "a@@example.com",
            "a b@example.com",
            "a..b@example.com",
            "a@example..com",
            "a@-example.com",
            "a@example.c",
            "a@127.0.0.1",
            "a@example.com, b@example.com",
        ] {
            assert_eq!(email(text), Err(Malformed::EmailFormat), "{text}");
        }
    }
}
