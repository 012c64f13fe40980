//! What crossed to the key server for a certificate, or a batch of them: each request, and which of its octets are digests.

use issuer::CertificateNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// For what it is asked: one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CrossingsQuery {
    /// The number of a certificate, or of one that could not be issued.
    #[param(value_type = Option<String>)]
    pub number: Option<String>,
    /// A batch: what crossed for several certificates at once.
    #[param(value_type = Option<String>)]
    pub batch: Option<String>,
    /// Of a batch: the row after which its rows are told.
    #[param(value_type = Option<i64>)]
    pub after: Option<i64>,
    /// How many of them: 1 to 1000, 100 if nothing is said.
    #[param(value_type = Option<u32>)]
    pub limit: Option<u32>,
}

/// What the key server was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingsAnswer {
    /// The batch: that is asked for, or as one of whose rows the certificate was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// What crossed for each certificate: for the one, or for those that the rows of this page have by the batch, in their order; also in
    /// requests of an earlier page.
    pub certificates: Vec<CrossingCertificate>,
    /// How many octets of the bodies are digests, as they are written there.
    pub digest_octets: usize,
    /// After which row further rows of the batch are told; none if these were the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// The certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub number: Option<CertificateNumber>,
    /// How many octets the bodies have together.
    pub octets: usize,
    /// Each request, in its order: of a certificate all in which it may have been, of a batch those that were sent first for a row of this
    /// page, so that each is on one page.
    pub requests: Vec<CrossingRequest>,
    /// The same, counted by route.
    pub routes: Vec<CrossingRoute>,
    /// Whether anything of the certificate was found in them.
    pub search: CrossingSearch,
}

/// What the key server was sent for one certificate: digests, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingCertificate {
    /// How many octets its digests take, as they are written in the bodies.
    pub digest_octets: usize,
    /// Its number.
    #[schema(value_type = String, example = "TBU-2026-000001-N")]
    pub number: CertificateNumber,
    /// The same by route: in how many requests its digests were, and how many octets they have there.
    pub routes: Vec<CrossingRoute>,
    /// Its row in the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
}

/// The requests of one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingRoute {
    /// How many octets of their bodies are digests.
    pub digest_octets: usize,
    /// How many octets their bodies have.
    pub octets: usize,
    /// How many there are.
    pub requests: usize,
    /// The path of their address.
    #[schema(example = "/csc/v2/signatures/signHash")]
    pub route: String,
}

/// A request to the key server, sent by POST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingRequest {
    /// Where it was sent.
    pub address: String,
    /// The world's time when it was.
    pub at: Timestamp,
    /// Whether an access token was shown: the key server's own, which names the client.
    pub authorized: bool,
    /// Its body. A client secret in it is blacked out, octet by octet.
    pub body: String,
    /// Where digests stand in it.
    pub digests: Vec<CrossingDigest>,
    /// Media type of the body.
    pub media_type: String,
    /// How many octets the body has.
    pub octets: usize,
    /// HTTP status of the answer; null if none came.
    pub status: Option<u16>,
}

/// A digest in a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingDigest {
    /// Its octets, lower hex.
    pub digest: String,
    /// How many octets it takes in the body, where it is base64.
    pub length: usize,
    /// Over what.
    pub of: CrossingSubject,
    /// At which octet of the body it begins.
    pub offset: usize,
}

/// Over what a digest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrossingSubject {
    /// The signed attributes of the certificate's seal.
    Seal,
    /// The certificate's badge.
    Badge,
    /// Something else: another certificate of the batch, or an attempt that failed.
    Other,
}

/// A search through the bodies for what stands in the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingSearch {
    /// In which forms each text was looked for.
    pub forms: Vec<String>,
    /// What was found: nothing, or the requirement is broken, unless a text is a word that stands in every request anyway: whoever reads its
    /// place can tell.
    pub found: Vec<CrossingTrace>,
    /// How many certificates and rows these are of: in a batch every row for which a request of this page was sent, whatever became of it,
    /// unless the row could not be read.
    #[serde(default)]
    pub rows: usize,
    /// Texts that were looked for in some forms only, or in none: in the others they are too short to mean anything where they stand.
    #[serde(default)]
    pub short: Vec<CrossingShort>,
    /// For how many texts it was looked, each in at least one form: names, identifiers, numbers of the certificates, course and grade, keys
    /// of rows, and what a template's own columns hold.
    pub texts: usize,
    /// Of whom or what nothing but the number was looked for, and why: of that the search proves nothing.
    #[serde(default)]
    pub unsearched: Vec<CrossingUnsearched>,
}

/// A number or a row whose texts are not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingUnsearched {
    /// The number, or `row` and its place in the batch.
    #[schema(example = "TBU-2026-000001-N")]
    pub about: String,
    /// Why.
    pub why: CrossingUnsearchedWhy,
}

/// Why texts are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrossingUnsearchedWhy {
    /// An attempt at a certificate of its own failed; what it was to say is not kept.
    DataNotKept,
    /// What it says cannot be read.
    DataUnreadable,
}

/// A text that is too short for some forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingShort {
    /// In which forms it was not looked for, or not at every place where it can stand.
    pub forms: Vec<String>,
    /// The text.
    pub text: String,
}

/// A text of a certificate in what the key server was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrossingTrace {
    /// In which form.
    pub form: String,
    /// At which octet of the body it begins.
    pub offset: usize,
    /// In which of the requests, counted from 0.
    pub request: usize,
    /// The text.
    pub text: String,
}
