//! The order of Chinese names: by the first reading of each character, as dictionaries have it.

use std::fmt::Write;

use crate::normalise::text::fold;
use crate::pinyin::syllables;

/// A text that sorts bytewise as people expect of the name: 阿里 before 百度, 2 before 阿, case and
/// width ignored. Equal keys mean equal sound, not equal names.
pub fn sort_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() * 2);
    for c in fold(name).chars() {
        match syllables(c).first() {
            Some(syllable) if !c.is_ascii() => {
                // Writing to a string does not fail.
                let _ = write!(key, "{syllable} ");
            }
            _ => key.push(c),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::sort_key;

    #[test]
    fn names_sort_by_pinyin_and_short_before_long() {
        let mut names = [
            "张三科技",
            "李雷",
            "百度",
            "3M中国",
            "阿里巴巴",
            "李",
            "Abb",
            "里程",
        ];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(
            names,
            [
                "3M中国",
                "阿里巴巴",
                "Abb",
                "百度",
                "李",
                "里程",
                "李雷",
                "张三科技"
            ]
        );
    }
}
