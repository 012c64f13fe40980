//! Steps about files: how they are made, changed and judged.

use laboratory::Level;
use laboratory::forgery::Forgery;
use pki::KeyKind;
use serde::Deserialize;

use super::value::{highest, moment, own, parsed, usual, yes};
use crate::story::Expectation;

/// The two steps that make a seal: each names itself by its first member.
macro_rules! sealing_step {
    ($name:ident, $key:literal, $step:literal, $file:literal) => {
        #[doc = $step]
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[doc = $file]
            #[serde(rename = $key)]
            pub file: String,
            /// PAdES baseline level; B-LTA if nothing is said.
            #[serde(default = "highest", deserialize_with = "parsed")]
            pub level: Level,
            /// Algorithm of the seal; p256 if nothing is said.
            #[serde(default = "usual", deserialize_with = "parsed")]
            pub algorithm: KeyKind,
            /// Whose time-stamps it gets; the world's own if nothing is said.
            #[serde(default = "own")]
            pub stamped_by: String,
            /// Words of the error with which this must be refused.
            #[serde(default)]
            pub refused: Option<String>,
        }
    };
}

sealing_step!(Issue, "issue", "`issue = \"FILE\"`", "Name of the file that comes of it.");
sealing_step!(
    Seal,
    "seal",
    "`seal = \"FILE\"`",
    "Name of the file that comes of it. If there is one of that name it is sealed once more."
);

/// `stamp = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The file.
    #[serde(rename = "stamp")]
    pub file: String,
    /// Whose time-stamp it gets.
    #[serde(default = "own")]
    pub stamped_by: String,
}

/// `prolong = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prolong {
    /// The file.
    #[serde(rename = "prolong")]
    pub file: String,
    /// Whose time-stamp it gets.
    #[serde(default = "own")]
    pub stamped_by: String,
}

/// `tamper = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tamper {
    /// The file.
    #[serde(rename = "tamper")]
    pub file: String,
    /// In what way.
    pub how: Forgery,
    /// `transplant`: the file that the seal is taken from.
    pub from: Option<String>,
    /// Name of the file that comes of it; without it the file itself changes.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// `verify = "FILE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The file.
    #[serde(rename = "verify")]
    pub file: String,
    /// The validation time, if not now.
    #[serde(default, deserialize_with = "moment")]
    pub at: Option<String>,
    /// Whether the verifier may ask the network.
    #[serde(default = "yes")]
    pub online: bool,
    /// Published CRLs and OCSP answers that the verifier has from elsewhere.
    #[serde(default)]
    pub given: Vec<String>,
    /// The authorities whose anchors are trusted; without it those of the story so far.
    pub trust: Option<Vec<String>>,
    /// What it must come to.
    pub expect: Expectation,
}
