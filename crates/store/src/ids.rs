//! Ids of new records, operations and transactions.

use uuid::Uuid;

/// The ids that this file gives, UUIDv7. Those of one millisecond follow each other upwards from a
/// random start: an import asks the system for randomness once and not half a million times.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    millis: u64,
    /// The 74 bits below the milliseconds.
    last: u128,
}

impl Ids {
    pub(crate) fn next(&mut self, now: i64) -> Uuid {
        // Fewer than all bits, so that counting upwards never runs over.
        const RANDOM: u128 = (1 << 73) - 1;
        let millis = u64::try_from(now).unwrap_or(0);
        self.last = if millis == self.millis {
            self.last + 1
        } else {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).expect("the system has randomness");
            u128::from_be_bytes(bytes) & RANDOM
        };
        self.millis = millis;
        let high = u16::try_from(self.last >> 62).expect("twelve of 74 bits");
        let low = u64::try_from(self.last & ((1 << 62) - 1)).expect("the other 62 bits");
        Uuid::from_u128(
            u128::from(millis & ((1 << 48) - 1)) << 80
                | 0x7 << 76
                | u128::from(high) << 64
                | 0b10 << 62
                | u128::from(low),
        )
    }
}
