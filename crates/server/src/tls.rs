//! Certificates: given ones, or an authority of the server's own whose fingerprint the invitations carry, so that a laptop
//! trusts it without a public name and without trusting whoever answers first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

use crate::config::{Config, Tls};

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{action} {path}: {source}")]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("reading {path}: {source}")]
    Pem {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("making one: {0}")]
    Make(#[from] rcgen::Error),
    #[error("using it: {0}")]
    Use(#[from] rustls::Error),
}

/// What the server shows of itself.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub server: Arc<ServerConfig>,
    /// SHA-256, in hex, of the last certificate of the chain: the authority where the chain ends in one, else the
    /// server's own. A laptop takes a chain that holds this certificate and verifies up to it.
    pub fingerprint: String,
}

/// The certificate that the configuration asks for; none without TLS.
///
/// # Errors
/// [`CertificateError`].
pub fn certificate(config: &Config) -> Result<Option<Certificate>, CertificateError> {
    let (chain, key) = match (config.tls, &config.tls_certificate, &config.tls_key) {
        (Tls::Off, _, _) => return Ok(None),
        (Tls::Files, Some(certificate), Some(key)) => (read_chain(certificate)?, read_key(key)?),
        _ => issued(&config.data.join("tls"), &names(config))?,
    };
    let last = chain.last().map(Sha256::digest);
    let fingerprint = last.map(hex).unwrap_or_default();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Certificate {
        server: Arc::new(server),
        fingerprint,
    }))
}

type Chain = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A certificate for these names from the server's own authority, which is made when there is none. Only the authority
/// is kept: a new certificate at each start follows changes of names, and the fingerprint stays.
fn issued(folder: &Path, names: &[String]) -> Result<Chain, CertificateError> {
    let (certificate, key) = (
        folder.join("authority.pem"),
        folder.join("authority-key.pem"),
    );
    if !certificate.exists() {
        make_authority(folder, &certificate, &key)?;
    }
    let pem = std::fs::read_to_string(&key).map_err(io("read", &key))?;
    let issuer = Issuer::new(authority(), KeyPair::from_pem(&pem)?);
    let mut params = CertificateParams::new(names.to_vec())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Ketu server");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let own_key = KeyPair::generate()?;
    let own = params.signed_by(&own_key, &issuer)?;
    let mut chain = vec![own.der().clone()];
    chain.extend(read_chain(&certificate)?);
    let own_key = PrivateKeyDer::try_from(own_key.serialize_der())
        .expect("a key that was just made is in the form it was made in");
    Ok((chain, own_key))
}

fn make_authority(folder: &Path, certificate: &Path, key: &Path) -> Result<(), CertificateError> {
    crate::files::make_private_folder(folder).map_err(io("make", folder))?;
    let pair = KeyPair::generate()?;
    let own = authority().self_signed(&pair)?;
    // The key first: a certificate is there only when its key is.
    crate::files::write_private(key, pair.serialize_pem().as_bytes()).map_err(io("write", key))?;
    crate::files::write_private(certificate, own.pem().as_bytes()).map_err(io("write", certificate))
}

/// It is known by its fingerprint alone, so its name says nothing and its time does not end.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Ketu server authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
}

/// This machine, and what the public addresses name.
fn names(config: &Config) -> Vec<String> {
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    if !config.listen.ip().is_unspecified() {
        names.push(config.listen.ip().to_string());
    }
    names.extend(config.public.iter().filter_map(|address| host(address)));
    names.sort();
    names.dedup();
    names
}

/// The host of `https://host:port/…`.
fn host(address: &str) -> Option<String> {
    let uri: axum::http::Uri = address.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    Some(host.to_owned())
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|source| CertificateError::Pem {
            path: path.to_owned(),
            source,
        })
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| CertificateError::Pem {
        path: path.to_owned(),
        source,
    })
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digits = bytes.as_ref().iter();
    digits.map(|byte| format!("{byte:02x}")).collect()
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CertificateError {
    let path = path.to_owned();
    move |source| CertificateError::Io {
        action,
        path,
        source,
    }
}
