//! The invitation as it is handed over: one line that a laptop takes as it is, and the same for people to read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::accounts::{Invitation, Secret};
use crate::ids::OrgId;

/// Instants are milliseconds since 1970.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationBody {
    #[schema(value_type = Uuid)]
    pub org: OrgId,
    pub login: String,
    #[schema(value_type = String, example = "7KQ2-9XDM-40TR")]
    pub code: Secret,
    pub expires_at: i64,
    /// The server's addresses.
    pub servers: Vec<String>,
    /// SHA-256, in hex, of the certificate that the laptop trusts for them; none where TLS is not the server's own doing.
    pub fingerprint: Option<String>,
    /// All of this in one line, which the window and `ketu join` take.
    #[schema(value_type = String)]
    pub text: Secret,
}

impl InvitationBody {
    pub fn new(invitation: Invitation, servers: Vec<String>, fingerprint: Option<String>) -> Self {
        let text = invitation_text(&invitation, &servers, fingerprint.as_deref());
        Self {
            org: invitation.org,
            login: invitation.login,
            code: invitation.code,
            expires_at: invitation.expires_at,
            servers,
            fingerprint,
            text: Secret::new(text),
        }
    }
}

/// `ketu1_` and base64url of the JSON `{v, servers, fingerprint, org, login, code}`.
pub fn invitation_text(
    invitation: &Invitation,
    servers: &[String],
    fingerprint: Option<&str>,
) -> String {
    let content = json!({
        "v": 1,
        "servers": servers,
        "fingerprint": fingerprint,
        "org": invitation.org,
        "login": invitation.login,
        "code": invitation.code.expose(),
    });
    format!("ketu1_{}", URL_SAFE_NO_PAD.encode(content.to_string()))
}
