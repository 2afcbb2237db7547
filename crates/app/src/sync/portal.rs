//! A guests' network that wants a log-in first. It cannot speak for the server under TLS, so that all that is seen there is a
//! connection that fails; what gives it away is that it answers a plain request in the server's name.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, header, redirect};

/// Port 80 answers at once, or there is nothing that would keep people waiting for it.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether something answers for the server that only wants to lead people elsewhere. Asked once where no TLS came about:
/// without credentials, following nothing, reading no body.
pub(super) async fn answers_for(server: &Url, plain_port: u16) -> bool {
    // A server that is asked without TLS is on this machine.
    let Some(host) = server.host_str().filter(|_| server.scheme() == "https") else {
        return false;
    };
    let Ok(plain) = Url::parse(&format!("http://{host}:{plain_port}/")) else {
        return false;
    };
    let mut client = Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none());
    if super::link::is_loopback(server) {
        client = client.no_proxy();
    }
    let Ok(client) = client.build() else {
        return false;
    };
    match client.get(plain.clone()).send().await {
        Ok(answer) => leads_elsewhere(&plain, answer.status(), answer.headers()),
        Err(_) => false,
    }
}

fn leads_elsewhere(asked: &Url, status: StatusCode, headers: &header::HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match status {
        StatusCode::NETWORK_AUTHENTICATION_REQUIRED => true,
        StatusCode::OK => text(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("text/html")),
        status if status.is_redirection() => text(header::LOCATION)
            .and_then(|to| asked.join(to).ok())
            .is_some_and(|to| is_another(asked, &to)),
        _ => false,
    }
}

/// Whether two addresses are of different houses. A server's own way from plain to TLS leads to itself, or to a name within
/// its own.
fn is_another(asked: &Url, to: &Url) -> bool {
    let (Some(asked), Some(to)) = (asked.host_str(), to.host_str()) else {
        return false;
    };
    let within = |inner: &str, outer: &str| inner.ends_with(&format!(".{outer}"));
    asked != to && !within(to, asked) && !within(asked, to)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::super::link::{Link, LinkError};
    use super::super::runner::wait_for;
    use super::*;

    /// Says the same to whoever connects, as a network that catches every connection. TLS does not come about with it.
    fn catcher(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 2_048]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        port
    }

    fn refusal(server: &str, plain_port: u16) -> LinkError {
        let mut link = Link::new(&[server.to_owned()], None).unwrap();
        link.plain_port = plain_port;
        let asked = link.get::<serde_json::Value>("/v1/health", None, Duration::from_secs(5));
        wait_for(asked).unwrap().unwrap_err()
    }

    #[test]
    fn a_network_that_wants_a_log_in_first_is_told_from_a_server_that_is_away() {
        for (answer, code) in [
            (
                "HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/?from=x\r\n\r\n",
                "portal",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\n\r\n<ht>",
                "portal",
            ),
            (
                "HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n",
                "portal",
            ),
            (
                "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://127.0.0.1:8443/\r\n\r\n",
                "offline",
            ),
            ("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "offline"),
            (
                "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
                "offline",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
                "offline",
            ),
            ("", "offline"),
        ] {
            let port = catcher(answer);
            let caught = refusal(&format!("https://127.0.0.1:{port}"), port);
            assert_eq!(caught.code(), code, "{answer}");
            // What is refused on the server's port is asked on the plain one all the same.
            let refused = refusal("https://127.0.0.1:1", port);
            assert_eq!(refused.code(), code, "{answer}");
        }
        assert_eq!(refusal("https://127.0.0.1:1", 1).code(), "offline");
    }

    #[test]
    fn a_server_that_leads_to_its_own_names_is_no_portal() {
        let other = |asked: &str, to: &str| {
            is_another(&Url::parse(asked).unwrap(), &Url::parse(to).unwrap())
        };
        assert!(!other("http://example.com/", "https://www.example.com/"));
        assert!(!other("http://crm.example.com/", "https://example.com/"));
        assert!(other("http://crm.example.com/", "https://notexample.com/"));
        assert!(other("http://192.168.1.5/", "http://10.0.0.1/portal"));
    }
}
