//! What is measured, and the goal of each.

use pki::KeyKind;
use sealing::Level;

use crate::limit::Beside;

/// One line of the table.
pub(crate) struct Case {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What one operation is.
    pub(crate) what: &'static str,
    /// The limit that it is compared with.
    pub(crate) beside: Beside,
    /// The least ratio to that limit.
    pub(crate) goal: Option<f64>,
    pub(crate) work: Work,
}

#[derive(Clone, Copy)]
pub(crate) enum Work {
    RawSign(KeyKind),
    TokenAssembled,
    TokenAnswered,
    TokenOverHttp,
    SignHash(Call, KeyKind),
    OcspAnswered,
    OcspOverHttp,
    RevocationList,
    Seal(File, Level),
    SealAlone(File, Level),
    Render,
    IssueBatch,
    Verify(File),
}

/// How the key server is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Each signature with an authorization of its own.
    Full,
    /// One authorization of a thousand hashes, a request for each of them.
    Alone,
    /// A hundred hashes in one authorization and one request.
    Batch,
}

/// What is sealed or verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// A page without content.
    Blank,
    /// A learning certificate with fonts, badge and tags.
    Certificate,
}

const RSA: KeyKind = KeyKind::Rsa { bits: 2048 };

pub(crate) const CASES: &[Case] = &[
    case("sign-p256", "a digest signed, one thread", None, Work::RawSign(KeyKind::P256)),
    rsa("sign-rsa2048", "a digest signed, one thread", None, Work::RawSign(RSA)),
    case("token-assemble", "a time-stamp token made: assembler and signature, one thread", None, Work::TokenAssembled),
    case("token-answer", "a request answered by the TSA, 16 at once, on disk", None, Work::TokenAnswered),
    case("token-http", "the same over HTTP, 16 connections", Some(0.3), Work::TokenOverHttp),
    case(
        "sign-hash-p256",
        "authorize and signHash over HTTP, 16 connections",
        None,
        Work::SignHash(Call::Full, KeyKind::P256),
    ),
    case(
        "sign-hash-alone-p256",
        "signHash over HTTP, a SAD of 1000 hashes",
        Some(0.2),
        Work::SignHash(Call::Alone, KeyKind::P256),
    ),
    case(
        "sign-hash-batch-p256",
        "one of 100 hashes in one authorize and one signHash",
        Some(0.2),
        Work::SignHash(Call::Batch, KeyKind::P256),
    ),
    rsa(
        "sign-hash-rsa2048",
        "authorize and signHash over HTTP, 16 connections",
        Some(0.8),
        Work::SignHash(Call::Full, RSA),
    ),
    rsa(
        "sign-hash-alone-rsa2048",
        "signHash over HTTP, a SAD of 1000 hashes",
        Some(0.8),
        Work::SignHash(Call::Alone, RSA),
    ),
    case("ocsp-answer", "an OCSP request answered, 16 at once", None, Work::OcspAnswered),
    case("ocsp-http", "the same over HTTP, 16 connections", None, Work::OcspOverHttp),
    case("crl-100k", "a CRL of 100,000 entries made and signed, one thread", None, Work::RevocationList),
    case("render", "a certificate written as PDF/A-3a, one thread", None, Work::Render),
    case("seal-bb", "a 618-byte PDF sealed B-B, one after another", None, Work::Seal(File::Blank, Level::BB)),
    case("seal-blta", "the same, B-LTA: two time-stamps, revocation data", None, Work::Seal(File::Blank, Level::BLTA)),
    case(
        "seal-blta-alone",
        "the same by a sealer on one thread, its services in another process",
        None,
        Work::SealAlone(File::Blank, Level::BLTA),
    ),
    case("seal-bb-certificate", "a certificate sealed B-B", None, Work::Seal(File::Certificate, Level::BB)),
    case("seal-blta-certificate", "a certificate sealed B-LTA", None, Work::Seal(File::Certificate, Level::BLTA)),
    case("issue-batch", "a certificate of a batch, B-LTA, with its badge, kept on disk", None, Work::IssueBatch),
    case("verify-blta", "the 618-byte PDF, B-LTA, validated", None, Work::Verify(File::Blank)),
    case("verify-blta-certificate", "a certificate, B-LTA, validated", None, Work::Verify(File::Certificate)),
];

const fn case(name: &'static str, what: &'static str, goal: Option<f64>, work: Work) -> Case {
    Case { name, what, beside: Beside::P256, goal, work }
}

const fn rsa(name: &'static str, what: &'static str, goal: Option<f64>, work: Work) -> Case {
    Case { name, what, beside: Beside::Rsa2048, goal, work }
}
