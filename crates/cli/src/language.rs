//! The language in which people are answered: the file's own setting, or the terminal's.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    /// The language of a tag such as `zh-CN` or `en_US.UTF-8`.
    pub fn of_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }

    pub fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|tag| !tag.is_empty()));
        set.map_or(Self::English, |tag| Self::of_tag(&tag))
    }

    pub fn tag(self) -> &'static str {
        self.of("zh-CN", "en")
    }

    pub fn of<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_the_start_of_its_tag() {
        for tag in ["zh-CN", "zh_CN.UTF-8", "ZH"] {
            assert_eq!(Language::of_tag(tag), Language::Chinese);
        }
        for tag in ["en", "en_US.UTF-8", "C", "POSIX", ""] {
            assert_eq!(Language::of_tag(tag), Language::English);
        }
    }
}
