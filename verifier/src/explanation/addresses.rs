//! Addresses in certificates that gave no evidence. In: what came of one. Out: a sentence that names it and says whether it was
//! called.

use validation::Language;
use validation::report::{Lookup, LookupKind, LookupOutcome};
use world::text::visible;

pub(super) fn sentence(lookup: &Lookup, language: Language) -> String {
    let called = lookup.outcome != LookupOutcome::NotCalled;
    let (address, detail) = (brief(&lookup.address), brief(lookup.detail.as_deref().unwrap_or_default()));
    let serial = brief(&lookup.serial);
    let kind = match lookup.kind {
        LookupKind::CaIssuers => language.of("発行者", "issuer"),
        LookupKind::Ocsp => "OCSP",
        LookupKind::Crl => "CRL",
    };
    match language {
        Language::Japanese => {
            let outcome = if called {
                "に問い合わせましたが、使える回答はありませんでした"
            } else {
                "には問い合わせていません"
            };
            format!("{address} {outcome} (証明書 {serial} の{kind}): {detail}")
        }
        Language::English => {
            let outcome = if called { "was called and gave nothing that can be used" } else { "was not called" };
            format!("{address} {outcome} ({kind} of certificate {serial}): {detail}")
        }
    }
}

/// A stranger's text that fills no screen; the report has it whole.
fn brief(text: &str) -> String {
    const LONGEST: usize = 300;
    let text = visible(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// The first address of this certificate's authority, and whether it is known that nobody was asked there.
pub(super) fn first<'a>(sources: &'a [String], lookups: &[Lookup]) -> Option<(&'a str, bool)> {
    let called = |address: &str| {
        let mut about = lookups.iter().filter(|lookup| lookup.address == address);
        about.all(|lookup| lookup.outcome != LookupOutcome::NotCalled)
    };
    let callable = sources.iter().find(|source| called(source));
    callable.map(|source| (source.as_str(), true)).or_else(|| sources.first().map(|source| (source.as_str(), false)))
}
