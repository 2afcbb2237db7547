//! The command line.

/// A line of the answer. A reader that has seen enough, as `head` has, is no fault of a command, and must not end a
/// server.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($line)*);
    }};
}

mod data;
mod people;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ketu_model::authorize::Role;
use ketu_server::accounts::{Accounts, Invitation, NewUser, Org, Secret};
use ketu_server::clock::Clock;
use ketu_server::config::Config;
use ketu_server::db::{Database, STEPS, migrate};
use ketu_server::error::{Error, Result};
use ketu_server::http::routes::invitation_text;
use ketu_server::tls;

#[derive(Debug, Parser)]
#[command(
    name = "ketu-server",
    version,
    about = "The centre of Ketu: one file, or many servers beside PostgreSQL"
)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    what: What,
}

/// What stands over the configuration file and the environment.
#[derive(Debug, Args)]
struct Settings {
    /// A configuration file (TOML); `ketu-server config` prints one
    #[arg(long, global = true, env = "KETU_SERVER_CONFIG")]
    config: Option<PathBuf>,
    /// The folder of the database file, the backups and the certificate authority
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// `postgres://user@host/database`; without it, a SQLite file in the data folder
    #[arg(long, global = true)]
    database: Option<String>,
    /// The organisation, by its name or id, where there are several
    #[arg(long, global = true)]
    org: Option<String>,
    /// An address as laptops reach this server, for invitations; may be repeated
    #[arg(long, global = true)]
    public: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an organisation and the invitation of its first administrator
    Init {
        /// The organisation's name
        #[arg(long, default_value = "Ketu")]
        name: String,
        /// The login of its first administrator
        #[arg(long, default_value = "admin")]
        admin: String,
    },
    /// Run the server
    Serve {
        /// The address to listen on, such as 0.0.0.0:8443
        #[arg(long)]
        listen: Option<std::net::SocketAddr>,
    },
    /// Print the settings in force, without secrets
    Config,
    /// Print the OpenAPI document
    Openapi,
    /// Copy the database file, also while the server runs
    Backup {
        /// The new file, beside which the contents of files go into a folder; without it, one in the backups folder, where
        /// old ones are thinned out
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Go back to a backup; the server must not be running
    Restore {
        /// The backup
        #[arg(required_unless_present = "epoch_only")]
        file: Option<PathBuf>,
        /// Only begin a new epoch: after PostgreSQL was taken back by its own means
        #[arg(long, conflicts_with = "file")]
        epoch_only: bool,
    },
    /// Check the file, the schema, the audit chains, the sums of all rows and the contents of files
    Verify,
    /// A new invitation for a user
    Invite { login: String },
    /// Users: add, list, disable, enable, reset-password, role, team
    #[command(subcommand)]
    User(people::User),
    /// Teams: add, list, lead, move, remove
    #[command(subcommand)]
    Team(people::Team),
    /// Devices: list, revoke
    #[command(subcommand)]
    Device(people::Device),
    /// What devices that were shut out still had to say: list, show, remove
    #[command(subcommand)]
    Quarantine(people::Quarantine),
}

/// Does what was asked.
///
/// # Errors
/// Why it could not be done.
pub async fn run(arguments: Arguments) -> Result<()> {
    let Arguments { settings, what } = arguments;
    let mut config = effective(&settings)?;
    match what {
        What::Config => {
            say!("{}", config.printed().trim_end());
            Ok(())
        }
        What::Openapi => {
            let document = ketu_server::http::routes::openapi().to_pretty_json();
            say!("{}", document.map_err(|e| Error::Command(e.to_string()))?);
            Ok(())
        }
        What::Serve { listen } => {
            config.listen = listen.unwrap_or(config.listen);
            config.check()?;
            serve::serve(config).await
        }
        What::Backup { to } => data::back_up(&config, to).await,
        What::Restore { file, .. } => data::restore(&config, file).await,
        What::Verify => data::verify(&Console::open(config, settings.org).await?).await,
        What::Init { name, admin } => {
            let console = Console::open(config, settings.org).await?;
            let (_, invitation) = add_org(&console.accounts, &name, &admin).await?;
            console.hand_over(&invitation)
        }
        What::Invite { login } => {
            let console = Console::open(config, settings.org).await?;
            people::invite(&console, &login).await
        }
        What::User(user) => people::user(&Console::open(config, settings.org).await?, user).await,
        What::Team(team) => people::team(&Console::open(config, settings.org).await?, team).await,
        What::Device(device) => {
            people::device(&Console::open(config, settings.org).await?, device).await
        }
        What::Quarantine(quarantine) => {
            people::quarantine(&Console::open(config, settings.org).await?, quarantine).await
        }
    }
}

fn effective(settings: &Settings) -> Result<Config> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut config = Config::read(settings.config.as_deref(), environment)?;
    if let Some(data) = &settings.data {
        config.data.clone_from(data);
    }
    if let Some(database) = &settings.database {
        if names_password(database) {
            return Err(Error::Command(PASSWORD_SHOWN.to_owned()));
        }
        config.database = Some(Secret::new(database));
    }
    if !settings.public.is_empty() {
        config.public.clone_from(&settings.public);
    }
    config.check()?;
    Ok(config)
}

const PASSWORD_SHOWN: &str = "everybody on this machine sees a command line: put an address with a password into the \
    configuration file or into KETU_SERVER_DATABASE";

/// Whether an address of PostgreSQL, in either of its forms, has a password in it.
fn names_password(address: &str) -> bool {
    let before_host = address
        .split_once("://")
        .and_then(|(_, rest)| rest.rsplit_once('@'));
    before_host.is_some_and(|(user, _)| user.contains(':')) || address.contains("password=")
}

async fn add_org(accounts: &Accounts, name: &str, login: &str) -> Result<(Org, Invitation)> {
    let admin = NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        role: Role::Admin,
        team: None,
    };
    accounts.add_org(name, admin).await
}

/// What the commands beside `serve` work with: the same accounts, on the same database.
#[derive(Debug)]
struct Console {
    config: Config,
    db: Database,
    accounts: Accounts,
    org: Option<String>,
}

impl Console {
    async fn open(config: Config, org: Option<String>) -> Result<Self> {
        let clock = Clock::system();
        let db = Database::open(&config.place(), 2)?;
        migrate(&db, STEPS, clock.now()).await?;
        let accounts = Accounts::new(db.clone(), clock, config.cost(), config.lifetimes())?;
        Ok(Self {
            config,
            db,
            accounts,
            org,
        })
    }

    /// The organisation that is meant.
    async fn org(&self) -> Result<Org> {
        let mut orgs = self.accounts.list_orgs().await?;
        if let Some(wanted) = &self.org {
            orgs.retain(|org| org.name == *wanted || org.id.to_string() == *wanted);
        }
        match (orgs.pop(), orgs.len()) {
            (Some(org), 0) => Ok(org),
            (Some(_), _) => Err(Error::Command(
                "say which organisation is meant: --org".into(),
            )),
            (None, _) => Err(Error::Command(
                "there is no such organisation; `ketu-server init` makes one".into(),
            )),
        }
    }

    fn hand_over(&self, invitation: &Invitation) -> Result<()> {
        let fingerprint = tls::certificate(&self.config)?.map(|tls| tls.fingerprint);
        print_invitation(invitation, &self.config.addresses(), fingerprint.as_deref());
        Ok(())
    }
}

/// The invitation as it is handed to a person.
fn print_invitation(invitation: &Invitation, addresses: &[String], fingerprint: Option<&str>) {
    let text = invitation_text(invitation, addresses, fingerprint);
    say!(
        "Invitation for {:?}, good once until {}:",
        invitation.login,
        day(invitation.expires_at)
    );
    say!();
    say!("  ketu join {text}");
    say!();
    if addresses
        .iter()
        .any(|address| address.contains("://0.0.0.0") || address.contains("://[::]"))
    {
        say!("No laptop finds that address: say with `public` how they reach this server.");
        say!();
    }
    say!("or by hand:");
    for address in addresses {
        say!("  server        {address}");
    }
    if let Some(fingerprint) = fingerprint {
        say!("  fingerprint   sha256 {fingerprint}");
    }
    say!("  organisation  {}", invitation.org);
    say!("  login         {}", invitation.login);
    say!("  code          {}", invitation.code.expose());
}

/// The day of an instant, UTC.
fn day(instant: i64) -> String {
    chrono::DateTime::from_timestamp_millis(instant)
        .unwrap_or_default()
        .format("%Y-%m-%d")
        .to_string()
}
