//! What laptop and server say to each other (docs/sync-protocol.md §3).

use std::collections::BTreeMap;
use std::fmt;

use ketu_model::authorize::Scope;
use ketu_model::clock::Hlc;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::record::{Row, Seq};

/// The version of these messages.
pub const VERSION: u32 = 1;
/// Operations in one push at most, and rows in one vouch.
pub const MAX_OPS: usize = 1_000;
/// Bytes of one push or vouch at most, as [`Op::size`] and [`Vouched::size`] count them; a single op, atomic transaction or row
/// may have more.
pub const MAX_BYTES: usize = 1_000_000;
/// Operations of an atomic transaction at most.
pub const MAX_ATOMIC: usize = 200;
/// Rows and leaves in one page at most.
pub const MAX_PAGE: usize = 5_000;
/// A page has at least so many: more than a record has entries, so that every page goes on.
pub const MIN_PAGE: usize = 16;
/// Bytes of the rows and the history of one answer at most, as [`weight`] counts them; one of the fewest rows may have more.
pub const MAX_ANSWER: usize = 16 << 20;
/// Bits of a seq below the number of its life (§1.8).
const LIFE_BITS: u32 = 32;

/// Which life of the server a seq is of.
pub fn life(seq: Seq) -> Seq {
    seq >> LIFE_BITS
}

/// The head of a server that was restored at `head`, before it gives its first seq. Lives are numbered by the hours since
/// 1970 at which they begin, so that one that nothing is left of is not lived again; below 2^53, as far as JSON is exact.
pub fn reborn(head: Seq, now: i64) -> Seq {
    let hour = now.div_euclid(3_600_000);
    hour.max(life(head) + 1) << LIFE_BITS
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Create,
    Update,
    Delete,
    Restore,
    /// Another owner, or another record to hang below.
    Transfer,
    /// What hangs below `other` moves below `record`.
    Merge,
    /// Takes the merge back whose op is `other`.
    Split,
}

/// One change of one record by one laptop (§1.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Op {
    pub op_id: Uuid,
    pub op_seq: i64,
    pub tx: Uuid,
    /// Taken whole with the others of its transaction, or not at all.
    #[serde(default)]
    pub atomic: bool,
    pub entity: String,
    pub record: Uuid,
    pub root: Uuid,
    pub kind: Kind,
    /// Old and new value by field.
    pub patch: BTreeMap<String, (Json, Json)>,
    /// Of a merge: the record that goes; of a split: the merge's op.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Uuid>,
    /// The rev of the record that the author saw.
    pub base: Seq,
    /// Fields that earlier ops of this laptop had set when the author looked, and that the record's rev says nothing of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chain: BTreeMap<String, Link>,
    /// The laptop's checkpoint at that time.
    pub seen: Seq,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub origin: String,
    /// The catalog's version that it was written under.
    pub schema: u32,
    /// Where it stood in lives of the server that ended and were forgotten (§7.1), the first of them first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<Seq>,
}

impl Op {
    /// About how many bytes it takes on the wire; laptop and server count alike.
    pub fn size(&self) -> usize {
        let values = self
            .patch
            .iter()
            .map(|(key, (old, new))| key.len() + length(old) + length(new));
        values.sum::<usize>() + 200
    }
}

/// About how many bytes a value has, without writing it.
pub(crate) fn weight(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len() + 2,
        Json::Array(items) => items.iter().map(weight).sum::<usize>() + 2,
        Json::Object(map) => {
            map.iter()
                .map(|(key, value)| key.len() + weight(value))
                .sum::<usize>()
                + 2
        }
        _ => 8,
    }
}

/// How many bytes a value has as JSON.
fn length(value: &Json) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).expect("a value is plain data");
    count.0
}

/// What the author of an op saw in a field: this laptop's own op, or, where that did not stand, what it was based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub op: Uuid,
    pub base: Seq,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    Applied,
    /// Parts stand; the fields named are in the history only.
    Merged {
        lost: Vec<String>,
    },
    /// The author no longer has the record: kept as a fact, or made a card, for whoever has it now.
    HandedOver {
        to: Option<Uuid>,
        card: Option<Uuid>,
    },
    Rejected {
        code: Code,
        field: Option<String>,
    },
    Deferred {
        code: Code,
    },
}

impl Outcome {
    pub fn rejected(code: Code) -> Self {
        Self::Rejected { code, field: None }
    }

    /// Whether the laptop keeps showing the change until it is pulled.
    pub fn stands(&self) -> bool {
        matches!(self, Self::Applied | Self::Merged { .. })
    }
}

/// Why an operation is refused or put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No right to do this.
    Forbidden,
    /// The record is not there.
    NotFound,
    /// The record that it would hang below is not there.
    NoRoot,
    /// Somebody else moved it meanwhile.
    Moved,
    /// A value that the record must not hold.
    Invalid,
    /// The id belongs to a record of another kind, or the op contradicts itself.
    Malformed,
    /// Another op of its atomic transaction was rejected.
    WithOthers,
    /// Only the server writes this.
    ServerOnly,
    /// This server does not know such records yet.
    UnknownEntity,
}

/// What the server answers to an op; the same however often it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub op_id: Uuid,
    /// The incarnation that sent it last, and its place in that.
    pub sent: (Uuid, i64),
    /// Its place in the order: the rev that its record has by it, or, where it changed nothing there, the head as it was.
    pub seq: Seq,
    /// Whether its record stands at that rev now.
    pub changed: bool,
    pub outcome: Outcome,
    /// Of a rejected op: its own links, for ops that name it in theirs (§4.4).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chain: BTreeMap<String, Link>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Push {
    pub v: u32,
    pub epoch: Uuid,
    pub incarnation: Uuid,
    pub ops: Vec<Op>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pushed {
    pub now: i64,
    pub epoch: Uuid,
    pub answers: Vec<Answer>,
    pub last_op_seq: i64,
    /// What the sender need not pull, where that is all that the push did in its scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands: Option<Stands>,
}

/// All that a push changed, where that was in the scopes of its sender, in so few words that the sender can tell whether
/// its own copy says the same (§5.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stands {
    /// Its seqs are those above this one, up to `upto`: no other push has any between them.
    pub after: Seq,
    pub upto: Seq,
    pub rows: BTreeMap<Uuid, Stand>,
    /// The records that each scope has an entry for.
    pub entries: BTreeMap<Scope, Vec<Uuid>>,
}

/// What identifies a row as the server has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    pub rev: Seq,
    pub sum: Sum,
    /// As a pulled row's (§7.7).
    pub proof: Sum,
}

/// How far a laptop has read one scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything up to here is known; while a snapshot runs, what was the head before its first page.
    pub seq: Seq,
    /// The snapshot's place, while one runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Place>,
}

/// Where a snapshot goes on: pages come by descending id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Start,
    Below(Uuid),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pull {
    pub v: u32,
    pub epoch: Uuid,
    pub incarnation: Uuid,
    pub scopes: BTreeMap<Scope, Cursor>,
    /// Entries at most; the server may take fewer.
    pub limit: usize,
    pub schema: u32,
    /// Seqs above the first and up to the second of each pair are known from the laptop's own pushes (§5.9), in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<(Seq, Seq)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pulled {
    pub now: i64,
    pub epoch: Uuid,
    /// Where each granted scope stands after this page; a scope that is new here begins as a snapshot. What is not among
    /// them is not granted any more.
    pub cursors: BTreeMap<Scope, Cursor>,
    /// Scopes whose snapshot begins with this page: what it and the following ones do not name is not in them.
    pub fresh: Vec<Scope>,
    pub entries: Vec<FeedRow>,
    /// The rows that entries name, each once.
    pub rows: Vec<Row>,
    /// The proof of each of them that the server said it (§7.7); older servers give none.
    #[serde(default)]
    pub proofs: BTreeMap<Uuid, Sum>,
    pub history: Vec<HistoryEntry>,
    pub stubs: Vec<Stub>,
    pub head: Seq,
    /// Every scope is read to the head.
    pub done: bool,
    /// The digest of each scope at the head, when done.
    pub totals: BTreeMap<Scope, Sum>,
}

/// That a record is in a scope, or left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRow {
    pub scope: Scope,
    pub id: Uuid,
    pub leave: bool,
}

/// A record outside the laptop's scopes that one inside refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stub {
    pub id: Uuid,
    pub entity: String,
    pub name: String,
}

/// What an op did, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub seq: Seq,
    pub op_id: Uuid,
    pub tx: Uuid,
    pub entity: String,
    pub record: Uuid,
    pub root: Uuid,
    pub kind: Kind,
    pub patch: BTreeMap<String, (Json, Json)>,
    /// Fields whose new value did not stand.
    pub lost: Vec<String>,
    pub hlc: Hlc,
    pub author: Option<Uuid>,
    pub writer: Uuid,
    pub origin: String,
}

/// A sum modulo 2^128, in 32 hexadecimal digits: JSON has no integers of that size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sum(pub u128);

impl From<Sum> for String {
    fn from(sum: Sum) -> Self {
        format!("{:032x}", sum.0)
    }
}

impl TryFrom<String> for Sum {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub v: u32,
    pub epoch: Uuid,
    pub scope: Scope,
}

/// The sums of a scope's 256 buckets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digested {
    pub now: i64,
    pub head: Seq,
    pub buckets: Vec<Sum>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refetch {
    pub v: u32,
    pub epoch: Uuid,
    pub scope: Scope,
    pub buckets: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refetched {
    pub now: i64,
    pub head: Seq,
    pub rows: Vec<Row>,
    /// As in a pull.
    #[serde(default)]
    pub proofs: BTreeMap<Uuid, Sum>,
}

/// Rows that a restored server forgot, as it sent them once (§7.7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vouch {
    pub v: u32,
    pub epoch: Uuid,
    pub incarnation: Uuid,
    pub rows: Vec<Vouched>,
}

/// A row, and the proof that it came with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vouched {
    pub row: Row,
    pub proof: Sum,
}

impl Vouched {
    /// About how many bytes it takes on the wire; laptop and server count alike.
    pub fn size(&self) -> usize {
        let fields = self.row.fields.iter();
        let values = fields.map(|(key, value)| key.len() + length(value));
        values.sum::<usize>() + 300
    }
}

/// Asks for numbers of a series, e.g. `CUST-2026`, to give while offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub v: u32,
    pub epoch: Uuid,
    pub series: String,
    pub count: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leased {
    pub now: i64,
    pub first: i64,
    pub count: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    Push(Push),
    Pull(Pull),
    Digest(Digest),
    Refetch(Refetch),
    Lease(Lease),
    Vouch(Vouch),
}

/// Serialised with what it is (`say`) before all else, as [`Deserialize`] needs it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Reply {
    Pushed(Pushed),
    Pulled(Pulled),
    Digested(Digested),
    Refetched(Refetched),
    Leased(Leased),
    Vouched { now: i64 },
    Refused(Refusal),
}

/// What derived code would read, but where it has to keep a whole reply until it knows what it is, this is told first.
impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReplyVisitor)
    }
}

struct ReplyVisitor;

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = Reply;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply that begins with `say`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reply, A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum First {
            Say,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Say {
            Pushed,
            Pulled,
            Digested,
            Refetched,
            Leased,
            Vouched,
            Refused,
        }
        #[derive(Deserialize)]
        struct Vouched {
            now: i64,
        }
        let Some((First::Say, say)) = map.next_entry()? else {
            return Err(A::Error::missing_field("say"));
        };
        let rest = MapAccessDeserializer::new(map);
        Ok(match say {
            Say::Pushed => Reply::Pushed(Pushed::deserialize(rest)?),
            Say::Pulled => Reply::Pulled(Pulled::deserialize(rest)?),
            Say::Digested => Reply::Digested(Digested::deserialize(rest)?),
            Say::Refetched => Reply::Refetched(Refetched::deserialize(rest)?),
            Say::Leased => Reply::Leased(Leased::deserialize(rest)?),
            Say::Vouched => {
                let Vouched { now } = Vouched::deserialize(rest)?;
                Reply::Vouched { now }
            }
            Say::Refused => Reply::Refused(Refusal::deserialize(rest)?),
        })
    }
}

/// Why a whole request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// The server was restored since: it knows nothing above `floor` of what it said before (§7.1).
    Epoch {
        epoch: Uuid,
        floor: Seq,
    },
    /// Another laptop uses this incarnation (§4.2).
    Clone,
    Gap {
        expected: i64,
    },
    /// The user or the laptop is no longer welcome.
    Revoked,
    /// The laptop's version is too old to pull.
    TooOld,
    TooLarge,
    Malformed,
    /// A scope that is not granted.
    Forbidden,
    /// Come back after so many milliseconds.
    Busy {
        retry_after: i64,
    },
}
