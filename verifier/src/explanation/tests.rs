//! The first line, for every conclusion with every set of facts.

use super::*;
use validation::report::{
    CertificateStatus, Check, CurrentStatus, Facts, Later, LaterChanges, LaterWhat, Level, LookupKind, Signer,
    TimestampConclusion, TimestampKind, TimestampReport,
};
use validation::{CheckId, Failure, Reason};

const LANGUAGES: [Language; 2] = [Language::Japanese, Language::English];

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn conclusions() -> Vec<Conclusion> {
    let failures = Failure::ALL.map(Conclusion::Failed);
    failures.into_iter().chain(Reason::ALL.map(Conclusion::Indeterminate)).chain([Conclusion::Passed]).collect()
}

/// A seal of a confirmed name over an unchanged document, with that conclusion.
fn seal(conclusion: Conclusion) -> SignatureReport {
    SignatureReport {
        field: "Seal".into(),
        kind: Kind::Seal,
        level: Level::BB,
        conclusion,
        policy: "default".into(),
        signer: Some(Signer {
            subject: "CN=x".into(),
            organization: Some("試験大学".into()),
            organization_identifier: Some("NTRJP-9234567890123".into()),
            serial: "01".into(),
            valid_from: time("2026-01-01T00:00:00Z"),
            valid_until: time("2028-01-01T00:00:00Z"),
        }),
        current_status: CurrentStatus {
            status: CertificateStatus::Good,
            as_of: Some(time("2026-11-28T00:00:00Z")),
            ..CurrentStatus::unknown()
        },
        claimed_time: None,
        best_signature_time: None,
        facts: Facts {
            hash_intact: Some(true),
            signature_intact: Some(true),
            byte_range_valid: Some(true),
            dictionary_consistent: Some(true),
            path_to_anchor: true,
            later_changes: LaterChanges::None,
        },
        later: Vec::new(),
        timestamps: Vec::new(),
        checks: Vec::new(),
    }
}

fn with_later(what: LaterWhat, later_changes: LaterChanges) -> SignatureReport {
    let mut seal = seal(Conclusion::Passed);
    seal.facts.later_changes = later_changes;
    seal.later.push(Later { revision: 1, what, who: None, when: None });
    seal
}

fn stamped_at(mut seal: SignatureReport, at: &str) -> SignatureReport {
    seal.best_signature_time = Some(time(at));
    seal.timestamps.push(TimestampReport {
        kind: TimestampKind::Signature,
        time: Some(time(at)),
        conclusion: TimestampConclusion(Conclusion::Passed),
        tsa: None,
    });
    seal
}

fn standing(mut seal: SignatureReport, status: CertificateStatus) -> SignatureReport {
    seal.current_status.status = status;
    seal.current_status.since = Some(time("2026-11-20T03:00:00Z"));
    seal
}

/// Every set of facts.
fn all_facts() -> Vec<(Facts, Vec<Later>)> {
    const KNOWN: [Option<bool>; 3] = [Some(true), Some(false), None];
    const CHANGES: [LaterChanges; 4] =
        [LaterChanges::None, LaterChanges::LongTerm, LaterChanges::Seals, LaterChanges::Other];
    const WHAT: [Option<LaterWhat>; 5] =
        [None, Some(LaterWhat::Seal), Some(LaterWhat::Metadata), Some(LaterWhat::Form), Some(LaterWhat::Page)];
    let mut all = Vec::new();
    for place in 0..3 * 3 * 3 * 3 * 2 * 4 * 5 {
        let mut rest = place;
        let mut pick = |of: usize| {
            let picked = rest % of;
            rest /= of;
            picked
        };
        let facts = Facts {
            hash_intact: KNOWN[pick(3)],
            signature_intact: KNOWN[pick(3)],
            byte_range_valid: KNOWN[pick(3)],
            dictionary_consistent: KNOWN[pick(3)],
            path_to_anchor: pick(2) == 1,
            later_changes: CHANGES[pick(4)],
        };
        let later = WHAT[pick(5)].map(|what| Later { revision: 1, what, who: None, when: None });
        all.push((facts, later.into_iter().collect()));
    }
    all
}

#[test]
fn the_check_mark_needs_a_pass_a_path_and_an_unchanged_document_whatever_the_facts() {
    let facts = all_facts();
    let mut confirmed = 0;
    for conclusion in conclusions() {
        for policy in ["default", "any-permitted-changes", "any-later-changes"] {
            for (facts, later) in &facts {
                let seal =
                    SignatureReport { facts: *facts, later: later.clone(), policy: policy.into(), ..seal(conclusion) };
                let explained = explain(&seal, &[], Language::English);
                let verified = facts.hash_intact == Some(true) && facts.signature_intact == Some(true);
                let name = verified && facts.path_to_anchor;
                let same = facts.later_changes != LaterChanges::Other
                    && facts.hash_intact == Some(true)
                    && facts.byte_range_valid == Some(true)
                    && facts.dictionary_consistent != Some(false)
                    && later.iter().all(|later| later.what.leaves_content());
                let fine = conclusion.is_passed() && name && same;
                assert_eq!(explained.mark == Mark::Confirmed, fine, "{seal:?}");
                assert!(same || !explained.headline.contains("not changed since"), "{}: {seal:?}", explained.headline);
                assert!(name || !explained.headline.contains("Issued by"), "{}: {seal:?}", explained.headline);
                assert!(name || explained.answers[0].mark != Mark::Confirmed, "{seal:?}");
                assert!(same || explained.answers[1].mark != Mark::Confirmed, "{seal:?}");
                let changed = facts.later_changes == LaterChanges::Other || facts.hash_intact == Some(false);
                assert!(!changed || explained.mark >= Mark::Note, "{seal:?}");
                confirmed += usize::from(fine);
            }
        }
    }
    assert!(confirmed > 0);
}

#[test]
fn every_state_has_a_sentence_and_an_advice_in_both_languages() {
    for conclusion in conclusions() {
        for language in LANGUAGES {
            let explained = explain(&seal(conclusion), &[], language);
            assert!(explained.headline.chars().count() > 15, "{conclusion}");
            let advised =
                explained.answers.iter().any(|one| one.question == language.of("どうすればよいか", "What to do"));
            assert_eq!(advised, !conclusion.is_passed(), "{conclusion}");
            let japanese = language == Language::Japanese;
            assert!(!japanese || explained.headline.ends_with("。"), "{conclusion}: {}", explained.headline);
        }
    }
}

#[test]
fn no_two_sub_indications_of_different_meaning_share_a_sentence() {
    use Reason::{OutOfBoundsNoPoe, OutOfBoundsNotRevoked, PolicyProcessingError, SignaturePolicyNotAvailable};
    let same = [
        [OutOfBoundsNoPoe, OutOfBoundsNotRevoked].map(Conclusion::Indeterminate),
        [PolicyProcessingError, SignaturePolicyNotAvailable].map(Conclusion::Indeterminate),
    ];
    for language in LANGUAGES {
        let sentences: Vec<(Conclusion, String)> =
            conclusions().into_iter().map(|one| (one, explain(&seal(one), &[], language).headline)).collect();
        for (place, (one, sentence)) in sentences.iter().enumerate() {
            for (other, its) in &sentences[place + 1..] {
                let alike = same.iter().any(|pair| pair.contains(one) && pair.contains(other));
                assert!(alike || sentence != its, "{one} and {other}: {sentence}");
            }
        }
    }
}

/// The table of first lines: a report, and what is told of it.
#[test]
#[expect(clippy::too_many_lines, reason = "a table, a line a case")]
fn the_first_line_is_that_of_the_table() {
    use Mark::{Confirmed, Note, Open, Problem};
    let passed = || seal(Conclusion::Passed);
    let undecided = |reason| seal(Conclusion::Indeterminate(reason));
    let mut stranger = passed();
    stranger.facts.path_to_anchor = false;
    let mut self_made = undecided(Reason::NoCertificateChainFound);
    self_made.facts.path_to_anchor = false;
    let forged = seal(Conclusion::Failed(Failure::SigCryptoFailure));
    let mut rewritten = seal(Conclusion::Failed(Failure::HashFailure));
    rewritten.facts.hash_intact = Some(false);
    let odd_form = seal(Conclusion::Failed(Failure::FormatFailure));
    let mut added = odd_form.clone();
    added.facts.later_changes = LaterChanges::Other;
    let revoked = |seal| standing(seal, CertificateStatus::Revoked);
    let no_poe = Reason::RevokedNoPoe;
    let mut undecided_and_changed = undecided(Reason::TryLater);
    undecided_and_changed.facts.later_changes = LaterChanges::Other;
    let (yesterday, later) = ("2026-11-19T00:00:00Z", "2026-11-21T00:00:00Z");
    let table: Vec<(SignatureReport, Mark, &str, &str)> = vec![
        (
            passed(),
            Confirmed,
            "Issued by 試験大学; not changed since.",
            "発行したもので、発行後に書き換えられていません。",
        ),
        (with_later(LaterWhat::Seal, LaterChanges::Seals), Confirmed, "not changed since.", "書き換えられていません。"),
        (
            with_later(LaterWhat::Page, LaterChanges::Other),
            Problem,
            "but changed after it was sealed",
            "発行後に変更されています",
        ),
        (
            with_later(LaterWhat::Metadata, LaterChanges::LongTerm),
            Note,
            "title or metadata were changed later",
            "題名などの文書情報",
        ),
        (stranger, Open, "Claims to be issued by 試験大学, not confirmed", "確認できていないもの"),
        (
            self_made,
            Open,
            "does not lead to a trusted authority: who issued it is not confirmed",
            "信頼する認証局につながっていません",
        ),
        (forged, Problem, "may be forged, or damaged", "偽造か破損のおそれ"),
        (
            rewritten,
            Problem,
            "Changed after it was sealed. Do not rely on it.",
            "書き換えられています。使わないでください。",
        ),
        (odd_form, Problem, "The sealed bytes were not changed.", "改ざんは見つかっていません"),
        (added, Problem, "Something was added after it was sealed.", "発行後に追記があります"),
        (
            revoked(stamped_at(passed(), yesterday)),
            Confirmed,
            "revoked since 2026-11-20 12:00:00 (JST); the time-stamp of 2026-11-19 09:00:00 (JST) is older, so the seal stands.",
            "それより前の 2026-11-19 09:00:00 (JST) のタイムスタンプがあるため、eシールは有効です。",
        ),
        (
            revoked(stamped_at(passed(), "2026-11-20T03:00:00Z")),
            Confirmed,
            "the time-stamp of 2026-11-20 12:00:00 (JST) is not later, so the seal stands.",
            "それより後ではない 2026-11-20 12:00:00 (JST) のタイムスタンプ",
        ),
        (
            revoked(undecided(no_poe)),
            Open,
            "no time-stamp is older, so nothing proves",
            "それより前のタイムスタンプがない",
        ),
        (
            revoked(stamped_at(undecided(no_poe), later)),
            Open,
            "the time-stamp of 2026-11-21 09:00:00 (JST) is not older, so nothing proves",
            "それより前のものではない",
        ),
        (standing(undecided(Reason::TryLater), CertificateStatus::OnHold), Open, "on hold since", "一時停止中"),
        (
            undecided(Reason::TryLater),
            Open,
            "too old to tell whether the certificate was revoked later. No tampering was found.",
            "改ざんは見つかっていません。",
        ),
        (
            undecided_and_changed,
            Problem,
            "Changed after it was sealed: what is shown may not",
            "発行後に変更されています",
        ),
        (
            undecided(Reason::OutOfBoundsNoPoe),
            Open,
            "valid from 2026-01-01 09:00:00 (JST)",
            "有効期間 2026-01-01 09:00:00 (JST) から",
        ),
    ];
    for (seal, mark, english, japanese) in table {
        for (language, expected) in [(Language::English, english), (Language::Japanese, japanese)] {
            let explanation = explain(&seal, &[], language);
            assert!(explanation.headline.contains(expected), "wanted {expected}; found {}", explanation.headline);
            assert_eq!(explanation.mark, mark, "{}", explanation.headline);
        }
    }
}

#[test]
fn a_name_behind_a_failed_form_is_confirmed_only_if_nothing_else_failed() {
    let mut seal = seal(Conclusion::Failed(Failure::FormatFailure));
    seal.checks.push(Check::failed(CheckId::M2, "a page"));
    assert!(seal.confirmed_name().is_some());
    seal.checks.push(Check::failed(CheckId::SignatureAlgorithms, "weak"));
    assert!(seal.confirmed_name().is_none());
}

#[test]
fn whoever_can_be_asked_is_named_and_when() {
    let mut seal = seal(Conclusion::Indeterminate(Reason::CertificateChainGeneralFailure));
    seal.current_status = CurrentStatus {
        next_update: Some(time("2026-12-01T00:00:00Z")),
        sources: vec!["http://ocsp.example/\u{1b}[2J".into()],
        ..CurrentStatus::unknown()
    };
    for language in LANGUAGES {
        let answers = explain(&seal, &[], language).answers;
        let advice = &answers.last().unwrap().text;
        assert!(
            advice.contains("http://ocsp.example/\\u{1b}[2J") && advice.contains("2026-12-01 09:00:00"),
            "{advice}"
        );
    }
}

#[test]
fn an_address_that_is_not_called_is_named_as_such_and_nobody_is_sent_there_again() {
    let mut seal = seal(Conclusion::Indeterminate(Reason::TryLater));
    let (foreign, ours) = ("http://foreign.example/crl\u{202e}", "http://127.0.0.1:8700/ca/ocsp");
    let lookup = |address: &str, outcome| Lookup {
        certificate: "CN=Seal".into(),
        serial: "0a".into(),
        kind: LookupKind::Crl,
        address: address.into(),
        outcome,
        detail: Some("why\u{1b}".into()),
    };
    let not_called = [lookup(foreign, LookupOutcome::NotCalled)];
    seal.current_status = CurrentStatus { sources: vec![foreign.into()], ..CurrentStatus::unknown() };
    let advice = |seal: &SignatureReport, lookups: &[Lookup], language| {
        explain(seal, lookups, language).answers.last().unwrap().text.clone()
    };
    for language in LANGUAGES {
        let text = advice(&seal, &not_called, language);
        assert!(text.contains("http://foreign.example/crl\\u{202e}") && text.contains("--fetch-from"), "{text}");
        assert!(!text.contains("Verify again later") && !text.contains("時間をおいて"), "{text}");
        let sentences = unanswered(&not_called, language);
        let [sentence] = sentences.as_slice() else { panic!("{sentences:?}") };
        assert!(sentence.contains("foreign.example") && sentence.contains("0a"), "{sentence}");
        assert!(!sentence.contains(world::text::is_hidden), "{sentence}");
    }
    seal.current_status.sources.push(ours.into());
    let both = [&not_called[..], &[lookup(ours, LookupOutcome::Failed)]].concat();
    assert!(advice(&seal, &both, Language::English).contains(ours), "that one can be asked again");
    assert_eq!(unanswered(&both, Language::English).len(), 2);
    assert_eq!(unanswered(&[lookup(ours, LookupOutcome::Answered)], Language::English), [""; 0]);
}

#[test]
fn nothing_hidden_in_a_name_reaches_a_sentence() {
    let hostile = "Acme\u{1b}[2J\u{9b}\n✔ TOTAL-PASSED\u{202e}";
    for conclusion in conclusions() {
        let mut seal = seal(conclusion);
        seal.signer.as_mut().unwrap().organization = Some(hostile.into());
        seal.signer.as_mut().unwrap().organization_identifier = Some(hostile.into());
        seal.later.push(Later { revision: 1, what: LaterWhat::Seal, who: Some(hostile.into()), when: None });
        for language in LANGUAGES {
            let explanation = explain(&seal, &[], language);
            let texts = explanation.answers.iter().map(|answer| &answer.text).chain([&explanation.headline]);
            texts.for_each(|text| assert!(!text.contains(world::text::is_hidden), "{text:?}"));
        }
    }
}

#[test]
fn a_name_fills_no_line_and_is_no_longer_than_a_name() {
    let mut seal = seal(Conclusion::Passed);
    let hostile = format!("Acme{}\u{3000}✔ TOTAL-PASSED {}", " ".repeat(70), "x".repeat(5000));
    seal.signer.as_mut().unwrap().organization = Some(hostile);
    let text = explain(&seal, &[], Language::English).headline;
    assert!(text.starts_with("Issued by Acme ✔ TOTAL-PASSED x") && text.chars().count() < 150, "{text}");
}

#[test]
fn of_two_seals_that_passed_the_one_with_something_to_tell_has_the_first_line() {
    let report = Report {
        validation_time: time("2026-11-28T00:00:00Z"),
        policy: "any-later-changes".into(),
        revisions: 3,
        overall: Overall::Worst(Conclusion::Passed),
        signatures: vec![seal(Conclusion::Passed), with_later(LaterWhat::Page, LaterChanges::Other)],
        lookups: Vec::new(),
    };
    let (mark, text) = headline(&report, Language::English);
    assert!(mark == Mark::Problem && text.contains("changed after it was sealed"), "{text}");
}
