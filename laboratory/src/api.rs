//! What the laboratory's own addresses take and give, as JSON (the audit chain's are [`signer`]'s). Routers, command line and pages use the same types.
//!
//! The members of an answer stand in the order of their names. An answer can be read again: unknown members are passed over.

mod crossing;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};
use world::clock::Mode;
use world::journal::Exchange;
use world::store::postgres::Database;

pub use crossing::{
    CrossingCertificate, CrossingDigest, CrossingRequest, CrossingRoute, CrossingSearch, CrossingShort,
    CrossingSubject, CrossingTrace, CrossingUnsearched, CrossingUnsearchedWhy, CrossingsAnswer, CrossingsQuery,
};

/// The world's clock, and what has ended or not begun at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockAnswer {
    /// Whether it moves.
    pub mode: Mode,
    /// After a change: why nothing was renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_renewed: Option<String>,
    /// World time minus system time, in whole seconds.
    pub offset_seconds: i64,
    /// What is of no use at the world's time.
    pub out_of_time: Vec<OutOfTime>,
    /// Whether what has ended is renewed.
    pub renew: bool,
    /// After a change: the names of what was renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Vec<String>>,
    /// The world's time.
    pub time: Timestamp,
    /// After a change: what is to be known of the CA that certified what was renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// `out_of_time` in sentences.
    pub warnings: Vec<String>,
}

/// Something whose certificate, or whose key's period, does not cover the world's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutOfTime {
    /// The world's time.
    pub at: Timestamp,
    /// What has that name.
    pub kind: OutOfTimeKind,
    /// `root`, `issuing`, `seal-p256`, `default`, …
    pub name: String,
    /// The last moment at which it is of use.
    pub not_after: Timestamp,
    /// The first one.
    pub not_before: Timestamp,
}

/// What can be out of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutOfTimeKind {
    /// One of the CAs. It has no successor: its world ends with it.
    Authority,
    /// A credential of the key server.
    Credential,
    /// A time-stamping unit.
    TimeStampingUnit,
}

impl fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            OutOfTimeKind::Authority => "CA",
            OutOfTimeKind::Credential => "credential",
            OutOfTimeKind::TimeStampingUnit => "time-stamping unit",
        };
        let OutOfTime { name, not_before, not_after, at, .. } = self;
        match at < not_before {
            true => write!(f, "the {kind} {name} has not begun at {at}: it is valid from {not_before} to {not_after}"),
            false => write!(f, "the {kind} {name} has ended at {at}: it was valid from {not_before} to {not_after}"),
        }
    }
}

/// What to do with the clock, and whether what has ended is renewed from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockChange {
    /// What to do.
    pub action: ClockAction,
    /// `set`: the time, in RFC 3339, as a date, or counted from what the clock shows (`+400d`, `now`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `advance`: how long (`90s`, `15m`, `400d`, `10y`; with a minus sign backwards).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Whether what has ended is renewed, from this change on. Without it as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew: Option<bool>,
}

/// What can be done with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClockAction {
    /// It shows another time.
    Set,
    /// It goes forward or back.
    Advance,
    /// It runs on from where it stands.
    Run,
    /// It stands still.
    Freeze,
    /// It runs with this computer's clock.
    Reset,
}

/// What to renew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// A credential (`seal-p256`) or a time-stamping unit (`default`).
    pub name: String,
}

/// What was renewed: its new certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenewalAnswer {
    /// The credential or time-stamping unit.
    pub name: String,
    /// The last moment at which the certificate is valid.
    pub not_after: Timestamp,
    /// The first one.
    pub not_before: Timestamp,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// What is to be known of the CA that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Which part of the journal is read.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JournalQuery {
    /// Exchanges with higher numbers than this.
    #[serde(default)]
    pub after: i64,
    /// How many at most; 100 if nothing is said, and never more than 10,000.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u32)]
    pub limit: Option<u32>,
}

/// A part of the journal, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalPage {
    /// Who asked which service for what.
    #[serde(serialize_with = "in_order_of_names")]
    pub exchanges: Vec<Exchange>,
}

/// Members in the order of their names, where a type of another room has them in its own.
fn in_order_of_names<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let value = serde_json::to_value(value).map_err(serde::ser::Error::custom)?; // its objects are sorted
    value.serialize(serializer)
}

/// By what this process and this world are recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MarkAnswer {
    /// Further addresses that mean the world to itself: of a branch, those of the worlds that it comes from.
    #[serde(default)]
    pub also_known_as: Vec<String>,
    /// The world's address, as its certificates have it.
    pub base: String,
    /// A random word of this process.
    pub mark: String,
}

/// A signature and a time-stamp were made, and thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HealthAnswer {
    /// `ok`.
    pub status: String,
    /// The world's time.
    pub time: Timestamp,
}

/// The worlds of the testbed's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorldList {
    /// Each of them, by name.
    pub worlds: Vec<WorldSummary>,
}

/// A world in the testbed's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorldSummary {
    /// The address in its certificates, if it can be read.
    pub base: Option<String>,
    /// The size of its database.
    pub bytes: u64,
    /// Whether the server has it open; one that is not is opened by the next who asks for it. Nothing where no server was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// Its name.
    pub world: String,
}

/// How a world is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldToMake {
    /// Its plan, as the TOML file that it is. Without one the default plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// What a world was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanOfWorld {
    /// The plan, as a TOML file in which every default is spelt out.
    pub plan: String,
    /// The name of the world.
    pub world: String,
}

/// The server, and the worlds of its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerStatus {
    /// Its address; that of the default world.
    pub base: String,
    /// The database that keeps its worlds; missing if they are in files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseState>,
    /// Its process.
    pub pid: u32,
    /// When it started, by the system's clock.
    pub started: Timestamp,
    /// For how many seconds it has run.
    pub uptime_seconds: u64,
    /// Its version.
    pub version: String,
    /// Each world of its folder, by name.
    pub worlds: Vec<ServedWorld>,
}

/// The PostgreSQL database that keeps the worlds of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DatabaseState {
    /// Its address, without a password.
    pub address: String,
    /// Why it does not answer; null if it does.
    pub problem: Option<String>,
}

impl DatabaseState {
    pub(crate) async fn of(database: &Database) -> DatabaseState {
        let problem = database.check_answers().await.err().map(|error| error.to_string());
        DatabaseState { address: database.shown().into(), problem }
    }
}

/// A world of a server's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServedWorld {
    /// Its clock; null of a world that is not open. One is opened when it is first asked for something.
    pub clock: Option<WorldTime>,
    /// Since when it is closed, by the system's time, as nobody asked; missing if it is open, or was not opened by this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// Its name.
    pub world: String,
}

/// What the clock of a world shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorldTime {
    /// Whether it moves.
    pub mode: Mode,
    /// World time minus system time, in whole seconds.
    pub offset_seconds: i64,
    /// The world's time.
    pub time: Timestamp,
}

/// A world that was made, or was there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeWorld {
    /// The address in its certificates.
    pub base: String,
    /// Whether it was not there before.
    pub made: bool,
    /// Its name.
    pub world: String,
}

/// A world that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletedWorld {
    /// Always true.
    pub deleted: bool,
    /// Where what was issued and sealed in it lies now, if there is any.
    pub documents: Option<String>,
    /// The name that it had.
    pub world: String,
}

/// A world that was made anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResetWorld {
    /// The address in its certificates.
    pub base: String,
    /// Where what was issued and sealed in the one before lies now, if there is any.
    pub documents: Option<String>,
    /// Always true.
    pub reset: bool,
    /// Its name.
    pub world: String,
}

/// How a world is branched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchRequest {
    /// The branch's name: 1 to 40 of a-z, 0-9 and -, and no - at the beginning.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,39}$")]
    pub name: String,
    /// Whether the branch goes on to certify under its parent's address, instead of one of its own.
    #[serde(default)]
    pub take_address: bool,
}

/// A world that is a copy of another as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BranchedWorld {
    /// Further addresses that mean the branch to itself: those in what was certified before.
    pub also_known_as: Vec<String>,
    /// The address in its certificates from now on.
    pub base: String,
    /// The world that it is a copy of.
    pub branch_of: String,
    /// The server does not answer to the name in its certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Its name.
    pub world: String,
}

/// Which file of the folder `saved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedFile {
    /// At most 200 letters, digits, dots, - and _, and no dot at the beginning.
    #[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$")]
    pub file: String,
}

/// A world that was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedWorld {
    /// The length of the file.
    pub bytes: u64,
    /// The file. Whoever has it has the world's keys.
    pub file: String,
    /// The world's name.
    pub world: String,
}

/// What lets a group into a world of an exposed server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JoinCodeAnswer {
    /// The code, if it has one.
    #[schema(example = "kado-rimu-sote-nabu")]
    pub code: Option<String>,
    /// Whether it is asked for: a server that only its own machine reaches asks for nothing.
    pub exposed: bool,
    /// Where people give it.
    pub page: String,
    /// The world's name.
    pub world: String,
}

/// A world that was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoredWorld {
    /// The address in its certificates, if it can be read.
    pub base: Option<String>,
    /// The server does not answer to the name in its certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Its name.
    pub world: String,
}
