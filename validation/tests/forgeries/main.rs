//! Forgeries: for each structure rule a file that would pass without it. They are made from seals of our own, whose digest and
//! signature hold wherever the forger could make them hold.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod changes;
mod file;
mod form;
mod further_seals;
mod laboratory;
mod message;
mod overrides;
mod permissions;
mod repair;
mod security_store;
mod signatures;
mod spelling;
mod stream_update;
#[path = "../support/mod.rs"]
mod support;
mod unreadable;
mod unseen;
mod update;

use laboratory::{Laboratory, archived, formats, sealed};
use update::Update;
use validation::format_check::level;
use validation::report::{LaterChanges, Level, Outcome};

#[test]
fn a_sealed_and_archived_file_passes_every_rule_with_a_line_for_each() {
    const RULES: [&str; 43] = [
        "U1", "U2", "U3", "U4", "U5", "U6", "U7", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "X1", "X2",
        "X3", "X4", "X5", "X6", "X7", "X9", "X10", "C1", "C3", "C4", "C5", "M1", "M2", "M3", "M4", "M5", "M6", "M7",
        "M8", "M9", "M10", "M11", "M12", "M14", "M15",
    ];
    for (name, file) in [("B-T", sealed()), ("B-LTA", archived())] {
        let formats = formats(&file);
        for format in &formats {
            assert!(format.conclusion.is_passed(), "{name} {}: {:?}", format.field, laboratory::failed(format));
            assert!(format.facts.byte_range_valid && format.facts.dictionary_consistent == Some(true));
            for rule in RULES {
                let mut lines = format.checks.iter().filter(|check| check.rule() == Some(rule));
                assert!(lines.all(|check| check.outcome == Outcome::Passed), "{name} {rule}");
                assert!(format.checks.iter().any(|check| check.rule() == Some(rule)), "{name} has no line for {rule}");
            }
        }
        let later: Vec<LaterChanges> = formats.iter().map(|format| format.facts.later_changes).collect();
        match name {
            "B-T" => assert_eq!(later, [LaterChanges::None]),
            _ => assert_eq!(later, [LaterChanges::LongTerm, LaterChanges::None]),
        }
    }
}

#[test]
fn levels_follow_from_structure() {
    let lab = Laboratory::new();
    let (sealed, stored) = (lab.sealed(), lab.stored(&lab.sealed()));
    let only_stamped = lab.stamped(&sealed);
    let archived = lab.stamped(&stored);
    let cases = [
        (lab.sealed_without_stamp(), Level::BB),
        (sealed.clone(), Level::BT),
        (lab.stamped(&lab.sealed_without_stamp()), Level::BT),
        (only_stamped.clone(), Level::BT),
        (stored, Level::BLT),
        (archived, Level::BLTA),
        (lab.stored(&only_stamped), Level::BLT), // the time-stamp does not cover the store
    ];
    for (file, wanted) in cases {
        let document = pades::Document::parse(file.as_slice()).unwrap();
        let formats = formats(&file);
        assert_eq!(level(&document, &formats, &formats[0]), wanted);
    }
}

#[test]
fn renewed_archives_and_new_fields_of_foreign_files_are_long_term() {
    let lab = Laboratory::new();
    let renewed = lab.stamped(&lab.stored(&archived()));
    assert_eq!(formats(&renewed).len(), 3);
    for file in [renewed, lab.stamped(&lab.stored(&lab.sealed_foreign()))] {
        let formats = formats(&file);
        for (index, format) in formats.iter().enumerate() {
            assert!(format.conclusion.is_passed(), "{}: {:?}", format.field, laboratory::failed(format));
            let last = index + 1 == formats.len();
            assert_eq!(format.facts.later_changes, if last { LaterChanges::None } else { LaterChanges::LongTerm });
        }
    }
}

#[test]
fn document_information_and_metadata_may_change_in_text() {
    let file = archived();
    let info = Update::of(&file).set(13, "<< /Title (Certificate) /ModDate (D:20270101000000Z) >>").append();
    assert_eq!(laboratory::rules(&info), [""; 0]);
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>";
    let stream = |packet: &str| {
        format!("<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{packet}\nendstream", packet.len())
    };
    let metadata = Update::of(&file).set(14, &stream(packet)).append();
    assert_eq!(laboratory::rules(&metadata), [""; 0]);
    let entities =
        Update::of(&file).set(14, &stream("<!DOCTYPE a [<!ENTITY b 'c'>]><x:xmpmeta>&b;</x:xmpmeta>")).append();
    laboratory::expect(&entities, &["M12"]);
    let stream_in_info = Update::of(&file).set(13, "<< /Title 10 0 R >>").append();
    laboratory::expect(&stream_in_info, &["M12"]);
}

#[test]
fn any_later_change_is_told_but_counts_only_if_the_policy_forbids_it() {
    let edited = Update::of(&archived()).edit(3, "/MediaBox [0 0 842 595]", "/MediaBox [0 0 842 600]").append();
    laboratory::expect(&edited, &["M2"]);
    let document = pades::Document::parse(edited).unwrap();
    let any = validation::Policy::any_later_changes();
    for format in validation::format_check::examine(&document, &any) {
        assert!(format.conclusion.is_passed());
        assert_eq!(format.facts.later_changes, LaterChanges::Other);
        let told = |check: &&validation::report::Check| check.rule() == Some("M2") && check.outcome == Outcome::Warning;
        assert!(format.checks.iter().any(|check| told(&check)));
    }
}
