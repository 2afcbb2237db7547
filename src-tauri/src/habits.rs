//! The settings that concern the shell itself, as the core keeps them: the language of the shell's own texts (tray,
//! question at closing) and what closing the window does.

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The text of this language.
    pub(crate) fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// The shell's part of `Settings`. What is missing has the core's own default.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default)]
pub(crate) struct Habits {
    language: String,
    /// False: closing the window ends the program.
    pub close_to_tray: bool,
    window: Window,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Window {
    hides_without_tray: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            language: "zh-CN".into(),
            close_to_tray: true,
            window: Window::default(),
        }
    }
}

impl Habits {
    /// Reads them from the core's answer to `status`; anything unreadable is as if never set.
    pub(crate) fn from_status(status: &Value) -> Self {
        Self::deserialize(&status["settings"]).unwrap_or_default()
    }

    pub(crate) fn language(&self) -> Language {
        if self.language.starts_with("en") {
            Language::English
        } else {
            Language::Chinese
        }
    }

    /// True once the person has said that without a tray too the program stays.
    pub(crate) fn hides_without_tray(&self) -> bool {
        self.window.hides_without_tray
    }

    /// The change of settings that keeps the answer to the question at closing.
    pub(crate) fn answer_at_closing(stay: bool) -> Value {
        if stay {
            json!({ "settings": { "window": { "hides_without_tray": true } } })
        } else {
            json!({ "settings": { "close_to_tray": false } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_follows_the_settings_of_the_core() {
        let status = json!({ "settings": {
            "language": "en", "theme": "dark", "close_to_tray": false, "window": { "hides_without_tray": true },
        } });
        let habits = Habits::from_status(&status);
        assert_eq!(habits.language(), Language::English);
        assert!(!habits.close_to_tray);
        assert!(habits.hides_without_tray());
    }

    #[test]
    fn without_settings_the_shell_is_chinese_and_stays_in_the_tray() {
        for status in [
            json!({}),
            json!({ "settings": null }),
            json!({ "settings": { "window": 3 } }),
        ] {
            assert_eq!(Habits::from_status(&status), Habits::default());
        }
        assert_eq!(Habits::default().language(), Language::Chinese);
        assert!(Habits::default().close_to_tray);
    }

    #[test]
    fn the_answer_at_closing_is_found_again() {
        let kept = |stay| Habits::from_status(&Habits::answer_at_closing(stay));
        assert!(kept(true).hides_without_tray());
        assert!(!kept(false).close_to_tray);
    }
}
