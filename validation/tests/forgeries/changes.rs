//! Rules M: what was added to, taken from or changed in a sealed file.

use crate::form::rules_under;
use crate::laboratory::{Laboratory, archived, expect_alone, find, formats, rules, sealed};
use crate::update::Update;
use validation::report::LaterChanges;

/// The seal fails for these rules alone, its cryptography holds, and the changes are told.
fn expect(pdf: &[u8], rules: &[&str]) {
    expect_alone(pdf, rules);
    assert_eq!(formats(pdf)[0].facts.later_changes, LaterChanges::Other);
}

#[test]
fn m1_the_catalog_gets_actions_or_other_names() {
    let file = archived();
    for added in ["/OpenAction [3 0 R /Fit]", "/AA << >>", "/OCProperties << /OCGs [] >>", "/Perms << >>", "/Lang (ja)"]
    {
        expect(&Update::of(&file).edit(1, "/Pages 2 0 R", &format!("/Pages 2 0 R {added}")).append(), &["M1"]);
    }
    expect(&Update::of(&file).edit(1, "/Names 12 0 R", "/Names << >>").append(), &["M1"]);
    expect(&Update::of(&file).edit(1, "/Names 12 0 R", "").append(), &["M1"]);
    expect(&Update::of(&file).set(12, "<< /JavaScript << /Names [] >> >>").append(), &["M1"]);
    expect(&Update::of(&file).edit(1, "/Pages 2 0 R", "/Pages 2 0 R /Version /1.3").append(), &["M1"]);
    let upwards = Update::of(&file).edit(1, "/Pages 2 0 R", "/Pages 2 0 R /Version /2.0").append();
    assert_eq!(rules(&upwards), [""; 0]);
    let extension = "/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>";
    let extended = Update::of(&file).edit(1, "/Pages 2 0 R", &format!("/Pages 2 0 R {extension}")).append();
    assert_eq!(rules(&extended), [""; 0]);
    expect(&Update::of(&extended).edit(1, "/ExtensionLevel 5", "/ExtensionLevel 4").append(), &["M1"]);
}

#[test]
fn m2_pages_are_added_removed_or_changed() {
    let file = archived();
    let page = Update::of(&file).size();
    let added = Update::of(&file)
        .set(page, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>")
        .edit(2, "/Kids [3 0 R] /Count 1", &format!("/Kids [3 0 R {page} 0 R] /Count 2"))
        .append();
    expect(&added, &["M2"]);
    expect(&Update::of(&file).edit(2, "/Kids [3 0 R] /Count 1", "/Kids [] /Count 0").append(), &["M2"]);
    expect(&Update::of(&file).edit(3, "/Contents 10 0 R", "/Contents [10 0 R 10 0 R]").append(), &["M2"]);
    expect(&Update::of(&file).edit(3, "/MediaBox [0 0 842 595]", "/MediaBox [0 0 100 100]").append(), &["M2"]);
    let stream = "<< /Length 10 >>\nstream\n0 0 9 9 re\nendstream";
    let content =
        Update::of(&file).set(page, stream).edit(3, "/Contents 10 0 R", &format!("/Contents {page} 0 R")).append();
    expect(&content, &["M2", "M5"]);
}

#[test]
fn m3_content_and_fonts_are_overwritten() {
    let file = archived();
    let text = "BT /F1 24 Tf 72 400 Td (Diploma with honours) Tj ET";
    let stream = format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
    expect(&Update::of(&file).set(10, &stream).append(), &["M3"]);
    expect(&Update::of(&file).edit(11, "/Helvetica", "/ZapfDingbats").append(), &["M3"]);
    let original = "<< /Length 42 >>\nstream\nBT /F1 24 Tf 72 400 Td (Certificate) Tj ET\nendstream";
    let again = Update::of(&file).set(10, original).append();
    assert_eq!(rules(&again), [""; 0], "the same stream written once more");
}

#[test]
fn m4_objects_are_freed() {
    let file = archived();
    for number in [9, 10, 11, 12] {
        expect(&Update::of(&file).free(number).append(), &["X4", "M4"]);
    }
}

/// The attribute values that the standard knows, and nothing that could act.
#[test]
fn m1_versions_and_extensions_that_there_are_none_of() {
    let file = archived();
    let with = |entry: &str| Update::of(&file).edit(1, "/Pages 2 0 R", &format!("/Pages 2 0 R {entry}")).append();
    for entry in [
        "/Version /9.9",
        "/Extensions << /XXXX << /S /JavaScript /JS (x) >> >>",
        "/Extensions << /XXXX << /BaseVersion /1.7 /ExtensionLevel 1 /AA << >> >> >>",
        "/Extensions << /XXXX (x) >>",
        "/Extensions << /XXXX [<< /BaseVersion /1.7 /ExtensionLevel 1 >> << /S /JavaScript >>] >>",
    ] {
        expect(&with(entry), &["M1"]);
    }
    let several = "/Extensions << /ISO_ [<< /BaseVersion /2.0 /ExtensionLevel 32001 /ExtensionRevision (:2022) >>] >>";
    assert_eq!(rules(&with(several)), [""; 0]);
}

/// A reader that rebuilds the file, or looks through all objects, takes these up though nothing leads to them.
#[test]
fn m5_orphans_that_are_no_inert_objects() {
    let file = archived();
    for orphan in [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [] /Count 0 >>",
        "<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream",
        "<< /Type /ObjStm /N 1 /First 4 /Length 9 >>\nstream\n3 0 << >>\nendstream",
        "<< /N 1 /First 4 /Length 9 >>\nstream\n3 0 << >>\nendstream",
    ] {
        expect(&Update::of(&file).set(90, orphan).append(), &["M5"]);
    }
    expect(&Update::of(&file).set(90, "<< /Type /Page /Parent 2 0 R >>").append(), &["M5"]);
}

#[test]
fn m5_new_objects_in_a_second_role() {
    let file = archived();
    let orphan = Update::of(&file).set(90, "<< /Type /Font >>").append();
    assert_eq!(rules(&orphan), [""; 0], "an orphan is told and changes nothing");
    assert_eq!(formats(&orphan)[0].facts.later_changes, LaterChanges::LongTerm);
    assert_eq!(rules_under(&orphan, "strict"), ["M5"]);
    let field = "<< /FT /Sig /T (Later) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R";
    let lab = Laboratory::new();
    let renewed = lab.stamped(&archived());
    let number = pades::Document::parse(renewed.as_slice()).unwrap().signatures();
    let newest = number.iter().max_by_key(|signature| signature.revision).unwrap().field_reference.unwrap().number;
    let second =
        Update::of(&renewed).edit(9, "/Border [0 0 0]", &format!("/Border [0 0 0] /Popup {newest} 0 R")).append();
    let found = rules(&second);
    assert!(found.contains(&"M9") && found.contains(&"M5"), "{field}: {found:?}");
}

#[test]
fn m7_a_further_seal_or_a_visible_field() {
    let lab = Laboratory::new();
    let second = lab.seal_in(&lab.stored(&sealed()), "Second", true);
    expect_alone(&second, &["M7"]);
    let prepared = lab.seal_in(&sealed(), "ArchiveTimeStamp", true);
    expect_alone(&prepared, &["M7"]);
    for file in [second, prepared] {
        assert_eq!(formats(&file)[0].facts.later_changes, LaterChanges::Seals);
    }
    let stamped = lab.stamped(&lab.sealed_foreign());
    let document = pades::Document::parse(stamped.as_slice()).unwrap();
    let field = document.signatures().remove(1).field_reference.unwrap().number;
    assert_eq!(rules(&stamped), [""; 0]);
    let visible = replaced(&stamped, &format!("{field} 0 obj"), "/Rect [0 0 0 0]", "/Rect [0 0 9 9]");
    assert_eq!(rules(&visible), ["M7"]);
    let acting = replaced(&stamped, &format!("{field} 0 obj"), "/F 132", "/A 132");
    assert_eq!(rules(&acting), ["M7"]);
    let taken = replaced(&stamped, &format!("{field} 0 obj"), "(ArchiveTimeStamp)", "(Seal)            ");
    assert!(rules(&taken).contains(&"M7"), "{:?}", rules(&taken));
}

/// The file with a text after `place` overwritten in the same length.
fn replaced(pdf: &[u8], place: &str, old: &str, new: &str) -> Vec<u8> {
    let mut changed = pdf.to_vec();
    let start = find(&changed, place.as_bytes());
    let at = start + find(&changed[start..], old.as_bytes());
    changed[at..at + new.len()].copy_from_slice(new.as_bytes());
    changed
}

#[test]
fn m7_an_empty_field_or_one_with_an_old_dictionary() {
    let file = sealed();
    let update = Update::of(&file);
    let field = update.size();
    let widget = "<< /FT /Sig /T (Later) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R";
    let with = |value: &str| {
        Update::of(&file)
            .set(field, &format!("{widget}{value} >>"))
            .edit(4, "7 0 R]", &format!("7 0 R {field} 0 R]"))
            .edit(3, "9 0 R]", &format!("9 0 R {field} 0 R]"))
            .append()
    };
    expect(&with(""), &["M7"]);
    let found = rules(&with(" /V 12 0 R"));
    assert!(found.contains(&"M7"), "{found:?}");
}

#[test]
fn m8_fields_are_changed_or_removed() {
    let file = archived();
    expect(&Update::of(&file).edit(5, "(Seal of the school)", "(Another seal)").append(), &["M8"]);
    expect(&Update::of(&sealed()).edit(7, "(Archive)", "(Approval)").append(), &["M7", "M8"]);
    expect(&Update::of(&file).edit(4, "/Fields [5 0 R 7 0 R]", "/Fields [7 0 R 5 0 R]").append(), &["M8"]);
    expect(&Update::of(&file).edit(6, "/Rect [0 0 0 0]", "/Rect [0 0 90 90]").append(), &["M8"]);
}

#[test]
fn m9_annotations_are_added_changed_or_removed() {
    let file = archived();
    let number = Update::of(&file).size();
    for subtype in ["FreeText", "Highlight", "Stamp", "Ink", "Redact", "Square"] {
        let annotation = format!("<< /Type /Annot /Subtype /{subtype} /Rect [70 390 300 430] /Contents (Honours) >>");
        let added =
            Update::of(&file).set(number, &annotation).edit(3, "9 0 R]", &format!("9 0 R {number} 0 R]")).append();
        expect(&added, &["M9"]);
    }
    expect(&Update::of(&file).edit(9, "/Rect [10 10 90 30]", "/Rect [0 0 842 595]").append(), &["M9"]);
    expect(&Update::of(&file).edit(3, "8 0 R 9 0 R]", "8 0 R]").append(), &["M9"]);
    expect(&Update::of(&file).edit(3, "8 0 R 9 0 R]", "8 0 R 9 0 R 9 0 R]").append(), &["M9"]);
    expect(&Update::of(&file).edit(3, "8 0 R 9 0 R]", "8 0 R << /Type /Annot >>]").append(), &["M9"]);
}

#[test]
fn m10_the_form_changes() {
    let file = archived();
    expect(&Update::of(&file).edit(4, "/SigFlags 3", "/SigFlags 0").append(), &["M10"]);
    expect(&Update::of(&file).edit(4, "/SigFlags 3", "/SigFlags 3 /NeedAppearances true").append(), &["M10"]);
    expect(&Update::of(&file).edit(4, "/SigFlags 3", "/SigFlags 3 /XFA (form)").append(), &["M10"]);
    let font = "/DR << /Font << /F 90 0 R >> >>";
    let fonts = Update::of(&file)
        .set(90, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        .edit(4, "/SigFlags 3", &format!("/SigFlags 3 /DA (/F 0 Tf) {font}"))
        .append();
    assert_eq!(rules(&fonts), [""; 0], "what writers of time-stamps add");
    let program = Update::of(&file)
        .set(90, "<< /Length 0 >>\nstream\n\nendstream")
        .edit(4, "/SigFlags 3", &format!("/SigFlags 3 {font}"))
        .append();
    expect(&program, &["M5", "M10"]);
}

#[test]
fn m15_the_trailer_changes() {
    let file = archived();
    let identifier = Update::of(&file).trailer("ID", "[<01> <02>]").append();
    expect_alone(&identifier, &["M15"]);
    let root = Update::of(&file).text(1);
    let other_root = Update::of(&file).set(90, &root).trailer("Root", "90 0 R").append();
    expect(&other_root, &["M15"]);
    let encrypted =
        Update::of(&file).set(90, "<< /Filter /Standard /V 1 /R 2 /P -4 >>").trailer("Encrypt", "90 0 R").append();
    assert!(rules(&encrypted).contains(&"M15"), "{:?}", rules(&encrypted));
}

#[test]
fn a_change_that_is_undone_is_seen() {
    let file = archived();
    let page = Update::of(&file).text(3);
    let changed = Update::of(&file).edit(3, "/MediaBox [0 0 842 595]", "/MediaBox [0 0 100 100]").append();
    let undone = Update::of(&changed).set(3, &page).append();
    expect(&undone, &["M2"]);
}

#[test]
fn a_key_of_the_trailer_that_leads_to_no_object_counts_as_absent() {
    let file = archived();
    let streams = |target: u32| format!("[/application#2Fvnd.oasis.opendocument.text {target} 0 R]");
    let size = Update::of(&file).size();
    let edited = |target: u32| {
        let update = Update::of(&file).set(13, "<< /Title (B) >>");
        update.trailer("AdditionalStreams", &streams(target)).append()
    };
    for target in [size, size + 9, 0] {
        let absent = edited(target);
        assert_eq!(rules(&absent), [""; 0], "{target}");
        if target == 0 {
            continue; // never an object
        }
        let update = Update::of(&absent).set(target, "<< /Length 4 >>\nstream\ntext\nendstream");
        let delivered = update.trailer("AdditionalStreams", &streams(target)).append();
        let found = rules(&delivered);
        assert!(found.iter().any(|rule| ["M5", "M15", "X7"].contains(rule)), "{target}: {found:?}");
        let other = Update::of(&absent).set(target, "<< /Length 4 >>\nstream\ntext\nendstream");
        assert_eq!(rules(&other.append()), [""; 0], "an orphan: the newest trailer does not name it");
    }
    expect(&edited(10), &["M15"]);
}
