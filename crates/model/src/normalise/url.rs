//! Web addresses, so that a click opens a page and nothing else.

use super::email::is_domain;
use super::text::{clean, half_width};
use crate::parse::Malformed;

/// Trims, writes scheme and host in lower case and half width, and puts `http://` where no scheme is given. Only
/// http and https are accepted: a stored link is opened by the system.
///
/// # Errors
/// [`Malformed::UrlFormat`].
pub fn url(text: &str) -> Result<String, Malformed> {
    let cleaned = clean(text);
    let narrow: String = cleaned.chars().map(narrow).collect();
    let (scheme, rest) = match narrow.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), narrow.as_str()),
    };
    if scheme != "http" && scheme != "https" || rest.contains(char::is_whitespace) {
        return Err(Malformed::UrlFormat);
    }
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_address = host.parse::<std::net::Ipv4Addr>().is_ok();
    let port_is_sound = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    if !(is_domain(host) || is_address) || !port_is_sound {
        return Err(Malformed::UrlFormat);
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{scheme}://{}{port}{path}", host.to_lowercase()))
}

/// Only the full-width twins of ASCII: other punctuation may belong to a path.
fn narrow(c: char) -> char {
    let twin = half_width(c);
    if twin.is_ascii() && matches!(c, '\u{ff01}'..='\u{ff5e}') {
        twin
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_a_scheme_and_a_lower_case_host() {
        for (text, expected) in [
            ("www.Example.com", "http://www.example.com"),
            (
                "HTTPS://Example.com/Path?Q=1#A",
                "https://example.com/Path?Q=1#A",
            ),
            ("ｗｗｗ．example.com／关于", "http://www.example.com/关于"),
            ("http://192.168.1.10:8080/", "http://192.168.1.10:8080/"),
            ("例子.公司", "http://例子.公司"),
        ] {
            assert_eq!(url(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_schemes_and_broken_hosts_are_refused() {
        for text in [
            "",
            "javascript:alert(1)",
            "file:///etc/hosts",
            "ftp://example.com",
            "http://",
            "http://a b.com",
            "example",
            "http://user@example.com",
            "http://example.com:0",
        ] {
            assert_eq!(url(text), Err(Malformed::UrlFormat), "{text}");
        }
    }
}
