//! Rules X5, X7 and M: whatever overrides an object, or first defines one, is compared: objects in the open and in object
//! streams, object streams and cross-reference streams themselves, in tables, streams and both.

use crate::laboratory::{Laboratory, archived, find, formats, overwrite, rules, sealed, unsealed};
use crate::stream_update::StreamUpdate;
use crate::update::Update;
use validation::report::LaterChanges;

/// Sealed files of every shape: with and without evidence, with tables and with streams.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let lab = Laboratory::new();
    let streams = lab.seal_in(&Update::of(&unsealed()).append_stream(&[(30, "<< >>")], ""), "Seal", true);
    let archived_streams = lab.stamped(&lab.stored(&streams));
    let all =
        [("B-T", sealed()), ("B-LTA", archived()), ("streams, B-T", streams), ("streams, B-LTA", archived_streams)];
    for (name, file) in &all {
        assert_eq!(rules(file), [""; 0], "{name}");
    }
    all.to_vec()
}

fn numbers(file: &[u8]) -> Vec<u32> {
    let document = pades::Document::parse(file).unwrap();
    let numbers: Vec<u32> = document.numbers().collect();
    let in_use =
        |number: &u32| !matches!(document.latest().entry(*number), None | Some((_, pades::XrefEntry::Free { .. })));
    numbers.into_iter().filter(in_use).collect()
}

/// Each way in which a later revision can take a number, with the number of everything else beyond all that are in use.
fn takers(file: &[u8], number: u32) -> Vec<(&'static str, Vec<u8>)> {
    let free = Update::of(file).size() + 1;
    let stream = "<< /Length 10 >>\nstream\n0 0 9 9 re\nendstream";
    let place = file.len();
    vec![
        ("a cross-reference stream", StreamUpdate::of(file, number).append()),
        ("a cross-reference stream that does not list itself", StreamUpdate::of(file, number).unlisted().append()),
        ("an object stream", StreamUpdate::of(file, free + 1).container(number, free, "<< >>").append()),
        ("an object in a stream", StreamUpdate::of(file, free + 1).container(free, number, "<< /A 1 >>").append()),
        ("an object, listed by a stream", StreamUpdate::of(file, free).object(number, stream).append()),
        ("an object, listed by a table", Update::of(file).set(number, stream).append()),
        (
            "another object's offset",
            StreamUpdate::of(file, free + 1).object(free, stream).record(number, 1, place, 0).append(),
        ),
        ("an entry of an unknown type", StreamUpdate::of(file, free).record(number, 3, 7, 0).append()),
        ("an entry without a place", StreamUpdate::of(file, free).record(number, 1, 0, 0).append()),
        ("a hybrid stream", hybrid(file, number, free)),
    ]
}

/// A table that lists nothing, and a stream beside it that lists an object.
fn hybrid(file: &[u8], number: u32, free: u32) -> Vec<u8> {
    let with_stream = StreamUpdate::of(file, free).object(number, "<< /A 1 >>").append();
    let last = pades::Document::parse(with_stream.as_slice()).unwrap().last_revision().startxref;
    let until = with_stream.len() - format!("startxref\n{last}\n%%EOF\n").len();
    let hidden = &with_stream[file.len()..until];
    Update::of(file).raw(hidden).trailer("XRefStm", &last.to_string()).trailer("Size", &(free + 1).to_string()).append()
}

#[test]
fn whatever_takes_the_number_of_an_object_is_compared() {
    for (name, file) in files() {
        for number in numbers(&file) {
            for (taker, forged) in takers(&file, number) {
                let formats = formats(&forged);
                assert!(!formats[0].conclusion.is_passed(), "{name}: {taker} takes number {number}");
                assert_eq!(
                    formats[0].facts.later_changes,
                    LaterChanges::Other,
                    "{name}: {taker} takes number {number}"
                );
            }
        }
    }
}

#[test]
fn whatever_takes_a_number_that_the_seal_left_undefined_is_told() {
    let mut file = unsealed();
    overwrite(&mut file, "/Contents 10 0 R", "/Contents 90 0 R");
    let lab = Laboratory::new();
    let sealed = lab.seal_in(&file, "Seal", true);
    for file in [lab.stored(&sealed), sealed] {
        assert_eq!(rules(&file), [""; 0]);
        for (taker, forged) in takers(&file, 90) {
            let found = rules(&forged);
            let nothing_there = ["another object's offset", "an entry of an unknown type", "an entry without a place"];
            let nothing_there = nothing_there.contains(&taker);
            assert!(
                found.contains(&"X7") || (nothing_there && found.contains(&"X4")) || found.contains(&"X3"),
                "{taker}: {found:?}"
            );
        }
    }
}

#[test]
fn new_numbers_for_streams_override_nothing() {
    for (name, file) in files() {
        let free = Update::of(&file).size();
        assert_eq!(rules(&StreamUpdate::of(&file, free).append()), [""; 0], "{name}");
        assert_eq!(rules(&StreamUpdate::of(&file, free).unlisted().append()), [""; 0], "{name}");
        let container = StreamUpdate::of(&file, free + 1).container(free, free + 2, "<< >>").append();
        assert_eq!(rules(&container), [""; 0], "{name}: an orphan is told");
    }
}

#[test]
fn the_content_of_the_page_under_the_number_of_a_cross_reference_stream() {
    let found = rules(&StreamUpdate::of(&archived(), 10).append());
    assert!(found.contains(&"X5") && found.contains(&"M3"), "{found:?}");
}

#[test]
fn a_key_of_the_trailer_that_leads_to_an_object() {
    let file = archived();
    let free = Update::of(&file).size();
    let hidden = Update::of(&file).set(free, "<< >>").trailer("Shadow", &format!("{free} 0 R")).append();
    assert!(rules(&hidden).contains(&"M15"), "{:?}", rules(&hidden));
    let plain = Update::of(&file).trailer("DocChecksum", "/0123456789ABCDEF").append();
    assert_eq!(rules(&plain), [""; 0]);
    assert!(find(&plain, b"DocChecksum") > file.len());
}

const PACKET: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><a> 0 0 9 9 re f </a></x:xmpmeta>";

fn metadata(keys: &str) -> String {
    format!("<< {keys} /Length {} >>\nstream\n{PACKET}\nendstream", PACKET.len())
}

/// A page whose dictionary has been changed before it was sealed.
fn sealed_with(old: &str, new: &str, object: Option<&str>) -> Vec<u8> {
    let file = unsealed();
    let update = Update::of(&file).edit(3, old, new);
    let update = match object {
        Some(object) => update.set(60, object),
        None => update,
    };
    Laboratory::new().seal_in(&update.append(), "Seal", true)
}

#[test]
fn a_catalog_that_is_resources_or_an_appearance_too() {
    const FONTS: &str = "/Font << /F1 11 0 R >>";
    let lab = Laboratory::new();
    for role in ["XObject", "Pattern", "ExtGState", "Shading", "Properties"] {
        let file = sealed_with(FONTS, &format!("{FONTS} /{role} 1 0 R"), None);
        assert_eq!(rules(&file), [""; 0], "{role}");
        let same = metadata("/Type /Metadata /Subtype /XML");
        let found = rules(&Update::of(&file).edit(1, "/Names", "/Version /2.0 /Names").set(14, &same).append());
        assert!(found.contains(&"X7"), "{role}: {found:?}");
        assert!(rules(&lab.stored(&file)).contains(&"X7"), "{role}: whatever the catalog gains");
    }
    let annotation = "<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AS /Metadata /AP << /N 1 0 R >> >>";
    let file = sealed_with("9 0 R]", "9 0 R 60 0 R]", Some(annotation));
    assert!(rules(&lab.stored(&file)).contains(&"X7"));
    let through_reference = sealed_with(FONTS, &format!("{FONTS} /XObject 60 0 R"), Some("1 0 R"));
    assert!(rules(&lab.stored(&through_reference)).contains(&"X7"));
}

#[test]
fn the_catalog_as_what_a_signature_reference_names_is_no_second_role() {
    let lab = Laboratory::new();
    let with = |object: &str| lab.stored(&sealed_with("/Contents", "/PieceInfo 60 0 R /Contents", Some(object)));
    let named = "<< /Type /SigRef /TransformMethod /DocMDP /Data 1 0 R >>";
    assert_eq!(rules(&with(named)), [""; 0]);
    for other in [
        "<< /Type /SigRef /TransformMethod /DocMDP /Data 1 0 R /XObject 1 0 R >>",
        "<< /Type /SigRef /TransformMethod /DocMDP /Data [1 0 R] >>",
        "<< /Data 1 0 R >>",
    ] {
        assert!(rules(&with(other)).contains(&"X7"), "{other}");
    }
}

#[test]
fn metadata_that_could_be_drawn() {
    let file = archived();
    let with = |keys: &str| rules(&Update::of(&file).set(14, &metadata(keys)).append());
    assert_eq!(with("/Type /Metadata /Subtype /XML"), [""; 0]);
    for keys in [
        "/Type /Metadata /Subtype /Form /BBox [0 0 9 9]",
        "/Type /Metadata /Subtype /XML /BBox [0 0 9 9]",
        "/Type /Metadata /Subtype /XML /PatternType 1",
        "/Type /Metadata /Subtype /XML /Resources << /Font << /F1 11 0 R >> >>",
        "/Type /Metadata /Subtype /XML /FormType 1",
        "/Type /Metadata /Subtype /XML /Width 1 /Height 1",
        "/Type /XObject /Subtype /XML",
        "/Subtype /XML",
        "/Type /Metadata",
        "",
    ] {
        assert_eq!(with(keys), ["M12"], "{keys}");
    }
}

#[test]
fn a_cross_reference_stream_that_lies_unused_beside_a_table_is_no_second_role() {
    let lab = Laboratory::new();
    let unused = "<< /Type /XRef /Size 15 /W [1 2 1] /Root 1 0 R /Info 13 0 R /Length 0 >>\nstream\n\nendstream";
    let seal = |update: Update<'_>| lab.stored(&lab.seal_in(&update.append(), "Seal", true));
    assert_eq!(rules(&seal(Update::of(&unsealed()).set(60, unused))), [""; 0], "as some writers leave it");
    let file = unsealed();
    let used = Update::of(&file).set(60, unused).edit(3, "/Font <<", "/XObject 60 0 R /Font <<");
    assert!(rules(&seal(used)).contains(&"X7"), "a page reaches it");
    let other = unused.replace("/Type", "/First 1 0 R /Type").replace("/XRef", "/XObject");
    assert!(rules(&seal(Update::of(&file).set(60, &other))).contains(&"X7"), "it is none");
}

#[test]
fn what_long_term_evidence_rewrites_has_one_role() {
    const FONTS: &str = "/Font << /F1 11 0 R >>";
    let lab = Laboratory::new();
    let with = |number: u32| sealed_with(FONTS, &format!("{FONTS} /XObject {number} 0 R"), None);
    let form = lab.stamped(&lab.stamped(&with(4)));
    assert_eq!(rules(&form), ["M5"], "the form, from a page that was rewritten too");
    let information = with(13);
    let information = Update::of(&information).set(13, "<< /Title (New) >>").append();
    assert!(rules(&information).contains(&"X7"), "/Info: {:?}", rules(&information));
    let metadata_too = with(14);
    let metadata_too = Update::of(&metadata_too).set(14, &metadata("/Type /Metadata /Subtype /XML")).append();
    assert!(rules(&metadata_too).contains(&"X7"), "metadata: {:?}", rules(&metadata_too));
    let pages = with(2);
    let more = Update::of(&pages).edit(2, "/Count 1", "/Count 1 /Metadata 14 0 R").append();
    assert!(rules(&more).contains(&"M2"), "the pages: {:?}", rules(&more));
}
