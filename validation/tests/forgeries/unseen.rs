//! Widgets that claim to be invisible, and appearances that claim to lie in a rectangle: rules M7, M8 and M10.

use crate::form::*;
use crate::update::Update;

/// What a new widget has that is no matter of place.
const WIDGET: &str = "/T (New) /Type /Annot /Subtype /Widget /P 3 0 R";

fn form(entries: &str, content: &str) -> String {
    format!("<< /Type /XObject /Subtype /Form {entries} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// A further seal in a new field with these entries; object 42 is for its appearance.
fn new_field(entries: &str, appearance: &str) -> Vec<u8> {
    let first = sealed("");
    let update = new_seal(&first, entries);
    signed(if appearance.is_empty() { update } else { update.set(42, appearance) }.append())
}

/// A further seal in `Second`, whose rectangle was prepared as given.
fn in_prepared(rectangle: &str, appearance: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let unsealed = unsealed("");
    let prepared =
        Update::of(&unsealed).edit(SECOND, "/Rect [500 50 700 120]", rectangle).set(SIGNATURE, &signature(""));
    let first = signed(prepared.edit(SEAL, "/T (Seal)", &format!("/T (Seal) /V {SIGNATURE} 0 R")).append());
    let update = second(&first, "/AP << /N 42 0 R >>").set(42, appearance);
    signed(more.iter().fold(update, |update, (number, object)| update.set(*number, object)).append())
}

const PAINTS: &str = "0 0 9 9 re f";

#[test]
fn flags_that_viewers_cut_off_hide_nothing() {
    let with = |flags: &str| new_field(&format!("{WIDGET} /Rect [0 0 300 200] /F {flags}"), "");
    for flags in ["34", "38", "166", "+34", "1023"] {
        permitted_seal(&with(flags));
    }
    for flags in [
        "2",
        "32",
        "4294967330",
        "2147483682",
        "8589934626",
        "-4294967262",
        "-1",
        "1058",
        "34.0",
        "(34)",
        "/34",
        "[34]",
    ] {
        forged(flags, &with(flags), &["M7"]);
    }
    let indirect = sealed("");
    let indirect = new_seal(&indirect, &format!("{WIDGET} /Rect [0 0 300 200] /F 42 0 R")).set(42, "34");
    assert!(rules_under(&signed(indirect.append()), "default").contains(&"M7"));
    forged("none", &new_field(&format!("{WIDGET} /Rect [0 0 300 200]"), ""), &["M7"]);
}

#[test]
fn flags_of_a_prepared_field_stay_defined_ones() {
    let first = sealed("");
    let with = |flags: &str| {
        let update = second(&first, "");
        signed(update.edit(SECOND, "/F 4 ", &format!("/F {flags} ")).append())
    };
    permitted_seal(&with("132"));
    for flags in ["6", "0", "4294967300", "4.0", "-4", "2052"] {
        forged(flags, &with(flags), &["M8"]);
    }
}

#[test]
fn an_invisible_widget_has_a_rectangle_without_area_that_can_be_read() {
    let with = |rectangle: &str| new_field(&format!("{WIDGET} /F 132 {rectangle}"), "");
    for rectangle in ["/Rect [0 0 0 0]", "/Rect [100 100 100 100]", "/Rect [0.0 5 300 5.00]"] {
        permitted_seal(&with(rectangle));
    }
    for rectangle in [
        "",
        "/Rect null",
        "/Rect []",
        "/Rect [0 0 0]",
        "/Rect [(0) 0 0 0]",
        "/Rect 3 0 R",
        "/Rect [0 0 .000000000000000000000001 200]",
        "/Rect [9007199254740992 0 9007199254740993 200]",
        "/Rect [4294967296 0 4294967296 200]",
        "/Rect [0 0 4294967596 0]",
        "/Rect [100 0 100.00000000000000001 200]",
    ] {
        let found = rules_under(&with(rectangle), "default");
        assert!(found.contains(&"M7"), "{rectangle}: {found:?}");
    }
    let hidden = new_field(&format!("{WIDGET} /F 34"), "");
    forged("hidden, without a rectangle", &hidden, &["M7"]);
}

#[test]
fn an_invisible_widget_paints_nothing() {
    let with =
        |entries: &str, appearance: &str| new_field(&format!("{WIDGET} {entries} /AP << /N 42 0 R >>"), appearance);
    let zero = "/F 132 /Rect [0 0 0 0]";
    for (entries, content) in
        [("/BBox [0 0 0 0]", ""), ("/BBox [0 0 0 0] /Resources << /ProcSet [/PDF] >>", "% DSBlank\n")]
    {
        permitted_seal(&with(zero, &form(entries, content)));
        permitted_seal(&with("/F 34 /Rect [0 0 9 9]", &form(entries, content)));
    }
    for (entries, content) in [
        ("/BBox [0 0 300 200]", PAINTS),
        ("/BBox [0 0 0 0]", PAINTS),
        ("/BBox [0 0 300 200]", "% comment\rf"),
        ("", "q Q"),
        ("/BBox [0 0 9 9] /Resources << /XObject << /X 42 0 R >> >>", ""),
        ("/F (elsewhere)", ""),
        ("/Filter /Unknown", ""),
    ] {
        for place in [zero, "/F 34 /Rect [0 0 300 200]", "/F 4 /Rect [0 130 0 130]"] {
            let found = rules_under(&with(place, &form(entries, content)), "default");
            assert!(found.contains(&"M7"), "{place} {entries} {content}: {found:?}");
        }
    }
    let states = format!("{WIDGET} {zero} /AP << /N << /On 42 0 R >> >> /AS /On");
    forged("states", &new_field(&states, &form("/BBox [0 0 9 9]", PAINTS)), &["M7"]);
    permitted_seal(&new_field(&states, &form("/BBox [0 0 0 0]", "")));
    let pressed = format!("{WIDGET} {zero} /AP << /D 42 0 R >>");
    forged("pressed", &new_field(&pressed, &form("/BBox [0 0 9 9]", PAINTS)), &["M7"]);
    let older = format!("{WIDGET} {zero} /AP << /N 10 0 R >>");
    assert!(rules_under(&new_field(&older, ""), "default").contains(&"M7"), "the content of the page");
    forged("an image", &with(zero, &form("", "").replace("/Form", "/Image /Width 1 /Height 1")), &["M7"]);
}

#[test]
fn a_new_field_has_a_widget_and_no_other_annotation() {
    let with = |kind: &str| new_field(&INVISIBLE.replace("/Type /Annot /Subtype /Widget", kind), "");
    permitted_seal(&with("/Subtype /Widget"));
    for kind in ["/Type /Annot /Subtype /Stamp", "/Type /Annot", "/Type /Page /Subtype /Widget", "/Subtype /FreeText"] {
        let found = rules_under(&with(kind), "default");
        assert!(found.contains(&"M7"), "{kind}: {found:?}");
    }
    let nameless = new_field("/T (New) /AP << /N 42 0 R >>", &form("/BBox [0 0 300 200]", PAINTS));
    assert!(rules_under(&nameless, "default").contains(&"M7"), "an appearance without a widget");
}

#[test]
fn a_prepared_field_without_room_paints_nothing() {
    let blank = form("/BBox [0 0 0 0]", "");
    for rectangle in ["/Rect [0 0 0 0]", "/Rect [9 9 99 9]", ""] {
        permitted_seal(&in_prepared(rectangle, &blank, &[]));
        forged(rectangle, &in_prepared(rectangle, &form("/BBox [0 0 300 200]", PAINTS), &[]), &["M7"]);
    }
    for rectangle in
        ["/Rect [0 0 9]", "/Rect [0 0 .000000000000000000001 99]", "/Rect [9007199254740992 0 9007199254740993 9]"]
    {
        let found = rules_under(&in_prepared(rectangle, &form("/BBox [0 0 300 200]", PAINTS), &[]), "default");
        assert!(found.contains(&"M7"), "{rectangle}: {found:?}");
    }
}

/// What /BBox and /Matrix of a form may not be.
const UNBOUNDED: [&str; 13] = [
    "",
    "/BBox [0 0 0 0]",
    "/BBox [0 0 300 0]",
    "/BBox [0 0 300]",
    "/BBox [0 0 300 (9)]",
    "/BBox [0 0 1000000000 9]",
    "/BBox [9007199254740992 0 9007199254740993 9]",
    "/BBox (text)",
    "/BBox [0 0 9 9] /Matrix [0 0 0 0 0 0]",
    "/BBox [0 0 9 9] /Matrix [1 1 1 1 0 0]",
    "/BBox [0 0 9 9] /Matrix [1 0 0 1]",
    "/BBox [0 0 9 9] /Matrix (text)",
    "/BBox [0 0 9 9] /Matrix [1 0 0 99999999999999 0 0]",
];

#[test]
fn an_appearance_of_a_later_revision_says_how_it_is_put_into_its_place() {
    let place = "/Rect [500 50 700 120]";
    let rotated = "/BBox [0 0 300 200] /Matrix [0.7 0.7 -0.7 0.7 0 0]";
    permitted_seal(&in_prepared(place, &form(rotated, PAINTS), &[]));
    let outer = form("/BBox [0 0 9 9] /Resources << /XObject << /X 43 0 R >> >>", "/X Do");
    permitted_seal(&in_prepared(place, &outer, &[(43, &form(rotated, PAINTS))]));
    permitted_seal(&in_prepared(place, &form("/BBox 43 0 R", PAINTS), &[(43, "[0 0 44 0 R 9]"), (44, "9")]));
    for entries in UNBOUNDED {
        forged(entries, &in_prepared(place, &form(entries, PAINTS), &[]), &["M7"]);
        let found = rules_under(&in_prepared(place, &outer, &[(43, &form(entries, PAINTS))]), "default");
        assert!(found.contains(&"M7"), "inside, {entries}: {found:?}");
    }
    let no_form = form("/BBox [0 0 9 9]", PAINTS).replace("/Subtype /Form ", "");
    assert!(rules_under(&in_prepared(place, &no_form, &[]), "default").contains(&"M7"));
}

#[test]
fn the_appearance_of_a_value_or_an_annotation_is_bounded_as_well() {
    let first = certified(3);
    let value = |entries: &str| {
        let update = Update::of(&first).edit(NAME, "/V ()", "/V (Doe) /AP << /N 42 0 R >>");
        update.set(42, &form(entries, PAINTS)).append()
    };
    permitted_change(&value("/BBox [0 0 9 9]"), "M10");
    for entries in UNBOUNDED {
        assert_eq!(rules_under(&value(entries), "any-permitted-changes"), ["M10"], "{entries}");
        let note = "<< /Type /Annot /Subtype /Square /Rect [400 400 420 420] /P 3 0 R /AP << /N 42 0 R >> >>";
        let update = Update::of(&first).set(41, note).set(42, &form(entries, PAINTS));
        let noted = update.edit(PAGE, "21 0 R]", "21 0 R 41 0 R]").append();
        assert!(rules_under(&noted, "any-permitted-changes").contains(&"M9"), "{entries}");
    }
}

#[test]
fn what_an_appearance_leads_to_is_there_and_is_not_delivered_later() {
    let place = "/Rect [500 50 700 120]";
    let open = form("/BBox [0 0 9 9] /Resources << /XObject << /X 90 0 R >> >>", "/X Do");
    forged("inside", &in_prepared(place, &open, &[]), &["M7"]);
    let file = new_field(&format!("{INVISIBLE} /AP << /N 90 0 R >>"), "");
    forged("itself", &file, &["M7"]);
    let parameters = new_field(&format!("{INVISIBLE} /MK << /I 90 0 R >>"), "");
    let later = Update::of(&parameters).set(90, &form("/BBox [0 0 9 9]", PAINTS)).append();
    let found = rules_under(&later, "default");
    assert!(found.contains(&"M5") || found.contains(&"X7"), "{found:?}");
}

#[test]
fn what_is_read_only_in_any_way_of_reading_is_not_filled_in() {
    let unsealed = unsealed("");
    for flags in ["1", "4294967297", "4294967296", "-2", "1.0", "(1)"] {
        let update = Update::of(&unsealed).edit(NAME, "/V ()", &format!("/V () /Ff {flags}"));
        let update = update.set(SIGNATURE, &signature(""));
        let first = signed(update.edit(SEAL, "/T (Seal)", &format!("/T (Seal) /V {SIGNATURE} 0 R")).append());
        let filled = Update::of(&first).edit(NAME, "/V ()", "/V (Doe)").append();
        forged(flags, &filled, &["M10"]);
    }
}
