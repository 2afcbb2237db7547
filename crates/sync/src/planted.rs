//! Known mistakes of synchronisation, each to be switched on at run time: the simulator shows that it would catch them.
//! Without the feature `planted` every question below is a constant no.

macro_rules! bugs {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Bug { $($(#[$doc])* $name),* }

        impl Bug {
            pub const ALL: &[Bug] = &[$(Bug::$name),*];
        }
    };
}

bugs! {
    /// A transfer does not tell the old scope that a record left.
    SkipLeave,
    /// A record that enters a scope keeps its old place in the feed.
    EnterKeepsSeq,
    /// Only the customer itself changes scope, not what hangs below.
    TransferRootOnly,
    /// Leaves are computed from the state after the op.
    LeaveFromPostState,
    /// Every op of a push gets the same place.
    ReuseSeq,
    /// The last op of a push is not counted as answered.
    ForgetLastOpSeq,
    /// Answers are not remembered, so that ops under a new incarnation are taken again.
    ForgetAnswers,
    /// An incarnation used twice is not noticed.
    IgnoreClone,
    /// The greater clock wins also over an edit made with the other in sight.
    TrustClock,
    /// A clock from the future is not clamped.
    NoClamp,
    /// The later arrival wins, whatever was seen.
    ArrivalWins,
    /// Acceptance asks for the record's rev and not the field's.
    RecordRevOnly,
    /// A laptop's own earlier op counts as unseen.
    OwnOpConcurrent,
    /// A set takes the new value whole.
    SetOverwrites,
    /// A long text takes the new value whole.
    TextOverwrites,
    /// No card for a concurrent change of a critical field.
    NoCard,
    /// A delete wins over an edit that its author had not seen.
    DeleteWins,
    /// A delete does not look at what hangs below.
    DeleteIgnoresChildren,
    /// An edit made without having seen a delete does not bring the record back.
    NoRevival,
    /// Rights are those of the time of the edit, not of the push.
    RightsAtSeen,
    /// An edit on a record that was handed over is dropped.
    DropHandover,
    /// The members of an atomic transaction are answered one by one.
    TornTransaction,
    /// A pull sends rows of a scope that is no longer granted.
    RevokedStillSent,
    /// The laptop keeps a scope that it is not granted any more.
    RevokedStillHeld,
    /// A share grants only what changes after it.
    ShareWithoutSnapshot,
    /// The laptop keeps the cursors of a page that it failed to write. (Planted in the adapter.)
    CursorBeforePage,
    /// The laptop drops an op as soon as it is sent.
    DropOnSend,
    /// A rejected op stays at the head of the outbox.
    RejectedBlocks,
    /// A pull overwrites pending edits in the view.
    PullOverPending,
    /// A record that leaves is purged with its unanswered ops.
    PurgeDropsPending,
    /// A new epoch is taken over without sending again what was lost.
    EpochWithoutResend,
    /// A new snapshot does not drop what it did not name.
    SnapshotKeepsStale,
    /// A number that another record has is kept.
    DuplicateNumber,
    /// Fields that the sender's version does not know are erased.
    EraseUnknown,
    /// A row that was vouched for overwrites what was changed since the restore.
    VouchOverwrites,
    /// A new epoch is taken over without vouching for the rows that were forgotten.
    PullWithoutVouching,
    /// What a push did is taken out of the laptop's own copy, whatever stands at the server.
    OwnUnlooked,
    /// The answer to a push says that it did nothing else in its sender's scopes.
    StandsHidesRest,
}

#[cfg(feature = "planted")]
mod switch {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static ON: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a mistake in this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        ON.set(bug);
    }

    pub(crate) fn on(bug: Bug) -> bool {
        ON.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub(crate) use switch::on;
#[cfg(feature = "planted")]
pub use switch::plant;

#[cfg(not(feature = "planted"))]
pub(crate) const fn on(_: Bug) -> bool {
    false
}
