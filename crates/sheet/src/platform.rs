//! What differs between systems: how a process is started, limited and asked how it ended, and
//! who may read a new file.

use std::fs::File;
use std::io;
use std::process::{Command, ExitStatus};

#[cfg(unix)]
mod system {
    use super::{Command, ExitStatus, File, io};
    use std::os::fd::AsFd;
    use std::os::unix::process::ExitStatusExt;

    const SIGKILL: i32 = 9;

    pub(crate) fn standard_input() -> io::Result<File> {
        Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
    }

    /// Data memory rather than address space: a window's program maps hundreds of megabytes of
    /// libraries that this process never touches. A limit that cannot be set is no reason not to
    /// read; the parent's time limit stays.
    pub(crate) fn limit_this_process(memory: u64, seconds: u64) {
        use rlimit::Resource;
        let _ = Resource::DATA.set(memory, memory);
        let _ = Resource::CPU.set(seconds, seconds);
        let _ = Resource::CORE.set(0, 0);
    }

    pub(crate) fn prepare(_: &mut Command) {}

    /// Those of any new file, where a temporary one would be for its owner alone.
    pub(crate) fn with_usual_permissions(builder: &mut tempfile::Builder<'_, '_>) {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }

    /// Ended by the system, which does so to processes when memory runs out.
    pub(crate) fn was_killed(status: ExitStatus) -> bool {
        status.signal() == Some(SIGKILL)
    }
}

#[cfg(windows)]
mod system {
    use super::{Command, ExitStatus, File, io};
    use std::os::windows::io::AsHandle;
    use std::os::windows::process::CommandExt;

    /// No console window flashes up.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    pub(crate) fn standard_input() -> io::Result<File> {
        Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
    }

    /// A job object would need unsafe code. What guards here: the size limits on the file and
    /// what it unpacks to, the cap on rows and columns, and the parent's time limit.
    pub(crate) fn limit_this_process(_memory: u64, _seconds: u64) {}

    pub(crate) fn prepare(command: &mut Command) {
        command.creation_flags(CREATE_NO_WINDOW);
    }

    /// A new file inherits its folder's rights.
    pub(crate) fn with_usual_permissions(_: &mut tempfile::Builder<'_, '_>) {}

    pub(crate) fn was_killed(_: ExitStatus) -> bool {
        false
    }
}

pub(crate) use system::{
    limit_this_process, prepare, standard_input, was_killed, with_usual_permissions,
};
