//! Where things are: the project's root, and the folder that cargo builds into.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) struct Place {
    pub root: PathBuf,
    target: PathBuf,
}

impl Place {
    pub(crate) fn find() -> Result<Self> {
        // Asked when it runs: the folder that cargo builds into may serve several clones.
        let own = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
        let root = Path::new(&own)
            .parent()
            .context("xtask lies in the project's root")?
            .to_owned();
        // Asked, not guessed: the environment and a user's own cargo configuration may move it.
        let asked = cargo(&root)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cargo metadata")?;
        ensure!(
            asked.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&asked.stderr)
        );
        let metadata: serde_json::Value = serde_json::from_slice(&asked.stdout)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names a target folder")?;
        Ok(Self {
            root,
            target: target.into(),
        })
    }

    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// A program run in a folder of the project.
    pub(crate) fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root.join(folder));
        command
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A folder of ours among what cargo builds, which outlives a clone.
    pub(crate) fn made(&self, name: &str) -> PathBuf {
        self.target.join(name)
    }

    /// A program that cargo built.
    pub(crate) fn built(&self, program: &str, release: bool) -> PathBuf {
        let folder = if release { "release" } else { "debug" };
        self.target
            .join(folder)
            .join(program)
            .with_extension(std::env::consts::EXE_EXTENSION)
    }
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
