//! What certifications (DocMDP), FieldMDP and field locks permit of what comes later, and what they forbid.

use crate::form::*;
use crate::laboratory::Laboratory;
use crate::update::Update;

/// A further seal, whatever an earlier one forbids.
fn sealed_in(first: &[u8], field: &str) -> Vec<u8> {
    match field {
        "Second" => signed(second(first, "").append()),
        "New" => signed(new_seal(first, INVISIBLE).append()),
        other => unreachable!("{other}"),
    }
}

#[test]
fn after_a_certification_without_changes_only_evidence_may_follow() {
    let lab = Laboratory::new();
    for first in [certified(1), sealed_with("/Lock << /Type /SigFieldLock /Action /Include /Fields [] /P 1 >>", "")] {
        let archived = lab.stamped(&lab.stored(&first));
        assert_eq!(rules_under(&archived, "strict"), [""; 0]);
        forged("a new field", &sealed_in(&first, "New"), &["M11"]);
        forged("a prepared field", &sealed_in(&first, "Second"), &["M11"]);
        let filled = Update::of(&first).edit(NAME, "/V ()", "/V (Doe)").append();
        forged("a value", &filled, &["M11"]);
    }
}

#[test]
fn a_permission_that_cannot_be_read_forbids() {
    for entries in [
        "/Reference [<< /TransformMethod /DocMDP /TransformParams << /P 7 >> >>]",
        "/Reference [<< /TransformMethod /DocMDP /TransformParams << /P (2) >> >>]",
        "/Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action /Some >> >>]",
        "/Reference [<< /TransformMethod /FieldMDP >>]",
        "/Reference [<< /TransformMethod (DocMDP) >>]",
        "/Reference (DocMDP)",
    ] {
        let first = sealed(entries);
        forged(entries, &sealed_in(&first, "New"), &["M11"]);
    }
    let lock = sealed_with("/Lock << /Action /None >>", "");
    forged("lock", &sealed_in(&lock, "New"), &["M11"]);
    permitted_seal(&sealed_in(&sealed("/Reference [<< /TransformMethod /DocMDP >>]"), "New")); // P is 2 by default
}

#[test]
fn a_locked_field_stays_empty_and_names_are_compared_whole() {
    let locks = [
        ("/Action /All", ["New", "Second"].as_slice(), [].as_slice()),
        ("/Action /Include /Fields [(Second)]", &["Second"], &["New"]),
        ("/Action /Include /Fields [(Secon) (Ne) (Second.a)]", &[], &["New", "Second"]),
        ("/Action /Exclude /Fields [(Second)]", &["New"], &["Second"]),
        ("/Action /Exclude /Fields [(Secon)]", &["New", "Second"], &[]),
    ];
    for (lock, forbidden, permitted) in locks {
        let first = [sealed(&field_mdp(lock)), sealed_with(&format!("/Lock << /Type /SigFieldLock {lock} >>"), "")];
        for first in &first {
            for field in forbidden {
                forged(lock, &sealed_in(first, field), &["M10"]);
            }
            for field in permitted {
                permitted_seal(&sealed_in(first, field));
            }
        }
    }
}

#[test]
fn a_later_seal_binds_what_follows_it_and_relaxes_nothing() {
    let first = sealed("");
    let locking = Update::of(&first).set(LATER, &signature(&field_mdp("/Action /Include /Fields [(Second)]"))).edit(
        THIRD,
        "/T (Third)",
        "/T (Third) /V 40 0 R",
    );
    let locking = signed(locking.append());
    permitted_seal(&locking);
    let number = Update::of(&locking).size();
    let third = Update::of(&locking).set(number, &signature(""));
    let third = signed(third.edit(SECOND, "/T (Second)", &format!("/T (Second) /V {number} 0 R")).append());
    for seal in formats_under(&third, "default").iter().take(2) {
        assert!(!seal.conclusion.is_passed(), "{} is broken too: nothing may fill that field", seal.field);
    }
    let first = certified(1);
    let relaxing = Update::of(&first).set(LATER, &signature(&doc_mdp(3)));
    let relaxing = signed(relaxing.edit(SECOND, "/T (Second)", "/T (Second) /V 40 0 R").append());
    forged("relaxed", &relaxing, &["M11"]);
}

#[test]
fn a_permission_of_a_later_seal_can_only_forbid_more() {
    let further = |first: &[u8], permission: u8| {
        let parameters = format!("/Action /Include /Fields [] /P {permission}");
        let update = Update::of(first).set(LATER, &signature(&field_mdp(&parameters)));
        signed(update.edit(THIRD, "/T (Third)", "/T (Third) /V 40 0 R").append())
    };
    let annotated = |pdf: &[u8]| Update::of(pdf).edit(HIGHLIGHT, "/Rect [300", "/C [1 0 0] /Rect [300").append();
    assert_eq!(rules_under(&annotated(&further(&certified(3), 3)), "any-permitted-changes"), [""; 0]);
    for (first, then) in [(2, 3), (3, 2), (3, 1)] {
        let found = rules_under(&annotated(&further(&certified(first), then)), "any-permitted-changes");
        assert_eq!(found, ["M9"], "P {first}, then {then}");
    }
    let closed = further(&certified(3), 1);
    permitted_seal(&closed);
    let number = Update::of(&closed).size();
    let third = Update::of(&closed).set(number, &signature(""));
    let third = signed(third.edit(SECOND, "/T (Second)", &format!("/T (Second) /V {number} 0 R")).append());
    forged("after P 1", &third, &["M11"]);
}

#[test]
fn a_certification_that_is_not_the_first_signature_breaks_the_first() {
    let first = sealed("");
    let late = |catalog: bool| {
        let update = Update::of(&first).set(LATER, &signature(&doc_mdp(2)));
        let update = update.edit(SECOND, "/T (Second)", "/T (Second) /V 40 0 R");
        let perms = "/Perms << /DocMDP 40 0 R >> /Pages";
        signed(if catalog { update.edit(CATALOG, "/Pages", perms) } else { update }.append())
    };
    forged("late", &late(false), &["M11"]);
    forged("late, in the catalog", &late(true), &["M1", "M5", "M11"]);
    let first = certified(2);
    let moved = second(&first, "").edit(CATALOG, &format!("/DocMDP {SIGNATURE} 0 R"), "/DocMDP 40 0 R");
    forged("another certification in the catalog", &signed(moved.append()), &["M1", "M5"]);
    let taken = second(&first, "").edit(CATALOG, &format!("/Perms << /DocMDP {SIGNATURE} 0 R >>"), "");
    assert_eq!(rules_under(&signed(taken.append()), "any-permitted-changes"), ["M1"]);
}

#[test]
fn a_certification_that_the_catalog_does_not_name_is_odd_and_binds() {
    let form = unsealed("");
    let update = Update::of(&form).set(SIGNATURE, &signature(&doc_mdp(1)));
    let first = signed(update.edit(SEAL, "/T (Seal)", "/T (Seal) /V 30 0 R").append());
    assert_eq!(rules_under(&first, "default"), [""; 0]);
    assert_eq!(rules_under(&first, "strict"), ["M11"]);
    forged("bound", &sealed_in(&first, "New"), &["M11"]);
}

#[test]
fn forms_are_filled_in_only_where_the_policy_and_the_seals_permit_it() {
    for first in [sealed(""), certified(2), certified(3)] {
        let name = Update::of(&first).edit(NAME, "/V ()", "/V (Doe) /AP << /N 42 0 R >>").set(42, &appearance(""));
        permitted_change(&name.append(), "M10");
        let agree = Update::of(&first).edit(AGREE, "/V /Off /AS /Off", "/V /Yes /AS /Yes");
        permitted_change(&agree.append(), "M10");
        let border = Update::of(&first).edit(NAME, "/V ()", "/V (Doe) /BS << /W 1 /S /S >> /M (D:2026)");
        permitted_change(&border.append(), "M10");
        let city = Update::of(&first).edit(CITY, "/T (city)", "/T (city) /V 42 0 R").set(42, "(Town)");
        permitted_change(&city.append(), "M10");
    }
    let locked = sealed(&field_mdp("/Action /Include /Fields [(group) (nam)]"));
    permitted_change(&Update::of(&locked).edit(NAME, "/V ()", "/V (Doe)").append(), "M10");
    forged("child", &Update::of(&locked).edit(CITY, "/T (city)", "/T (city) /V (Town)").append(), &["M10"]);
}

#[test]
fn a_value_above_a_locked_field_fails_and_seals_may_follow_one_that_was_filled_in() {
    let locked = sealed(&field_mdp("/Action /Include /Fields [(group.city)]"));
    let above = Update::of(&locked).edit(20, "/T (group)", "/T (group) /V (Town)").append();
    assert!(!rules_under(&above, "any-permitted-changes").is_empty());
    let lab = Laboratory::new();
    let filled = Update::of(&certified(2)).edit(NAME, "/V ()", "/V (Doe)").append();
    let sealed = lab.stamped(&lab.stored(&lab.seal_in(&filled, "Second", true)));
    permitted_change_and_seal(&sealed);
}

/// Forms and seals by turns: the form is told.
fn permitted_change_and_seal(pdf: &[u8]) {
    assert_eq!(rules_under(pdf, "any-permitted-changes"), [""; 0]);
    assert_eq!(rules_under(pdf, "default"), ["M10"]);
    assert_eq!(rules_under(pdf, "strict"), ["M7", "M10"]);
    assert!(formats_under(pdf, "default").iter().skip(1).all(|format| format.conclusion.is_passed()));
}

#[test]
fn what_is_more_than_a_value_fails() {
    let first = sealed("");
    let name = |new: &str| Update::of(&first).edit(NAME, "/V ()", new);
    for entries in [
        "/V (Doe) /AA << /K << /S /JavaScript /JS (1) >> >>",
        "/V (Doe) /A << >>",
        "/V (Doe) /Ff 1",
        "/V (Doe) /DV (Doe)",
        "/V (Doe) /MK << /BG [1 1 1] >>",
        "/V (Doe) /OC << >>",
        "/V (Doe) /BS 10 0 R",
        "/V << /Type /Sig >>",
        "/V [<< /Type /Sig >>]",
        "/V 11 0 R",
        "/V (Doe) /AP << /N 10 0 R >>",
        "/V (Doe) /AP << /N 12 0 R >>",
        "/V (Doe) /AS /Yes",
    ] {
        forged(entries, &name(entries).append(), &["M10"]);
    }
    forged("moved", &Update::of(&first).edit(NAME, "/Rect [50 300", "/Rect [0 0").append(), &["M10"]);
    forged("hidden", &Update::of(&first).edit(NAME, "/F 4", "/F 6").append(), &["M10"]);
    forged("read-only", &Update::of(&first).edit(FIXED, "(100)", "(900)").append(), &["M10"]);
    forged("state", &Update::of(&first).edit(AGREE, "/AS /Off", "/AS /On").append(), &["M10"]);
    let rewritten = Update::of(&first).edit(AGREE, "/V /Off /AS /Off", "/V /Yes /AS /Yes").set(12, &appearance(""));
    assert_eq!(rules_under(&rewritten.append(), "any-permitted-changes"), ["M3"], "an appearance rewritten in place");
    let needed = name("/V (Doe)").edit(FORM, "/SigFlags", "/NeedAppearances true /SigFlags");
    assert_eq!(rules_under(&needed.append(), "any-permitted-changes"), ["M10"]);
    let page = name("/V (Doe)").edit(PAGE, "/MediaBox [0 0 842 595]", "/MediaBox [0 0 99 99]");
    assert_eq!(rules_under(&page.append(), "any-permitted-changes"), ["M2"]);
    let shared = name("/V (Doe) /AP << /N 42 0 R >>").set(42, &appearance(""));
    let shared = shared.edit(CITY, "/T (city)", "/T (city) /V (Town) /AP << /N 42 0 R >>");
    assert_eq!(rules_under(&shared.append(), "any-permitted-changes"), ["M10"], "one appearance for two fields");
}

#[test]
fn annotations_need_a_certification_that_permits_them() {
    let note = "<< /Type /Annot /Subtype /FreeText /Rect [300 500 400 540] /Contents (note) /DA (/Helv 9 Tf) \
        /AP << /N 43 0 R >> /Popup 44 0 R /P 3 0 R >>";
    let popup = "<< /Type /Annot /Subtype /Popup /Rect [500 500 600 540] /Parent 42 0 R >>";
    let added = |first: &[u8]| {
        let update = Update::of(first).set(42, note).set(43, &appearance("")).set(44, popup);
        update.edit(PAGE, "21 0 R]", "21 0 R 42 0 R 44 0 R]").append()
    };
    let changed = |first: &[u8]| Update::of(first).edit(HIGHLIGHT, "/Rect [300", "/C [1 0 0] /Rect [300").append();
    let removed = |first: &[u8]| Update::of(first).edit(PAGE, " 9 0 R", "").append();
    for change in [&added as &dyn Fn(&[u8]) -> Vec<u8>, &changed, &removed] {
        permitted_change(&change(&certified(3)), "M9");
        for first in [sealed(""), certified(2)] {
            assert!(rules_under(&change(&first), "any-permitted-changes").contains(&"M9"));
        }
        let filled = Laboratory::new().seal_in(&certified(3), "Second", true);
        assert_eq!(rules_under(&change(&filled), "any-permitted-changes"), [""; 0]);
    }
}

#[test]
fn annotations_that_act_or_hide_a_seal_fail() {
    let first = certified(3);
    let added =
        |annotation: &str| Update::of(&first).set(42, annotation).edit(PAGE, "21 0 R]", "21 0 R 42 0 R]").append();
    let square = |entries: &str| format!("<< /Type /Annot /Subtype /Square {entries} >>");
    permitted_change(&added(&square("/Rect [300 500 400 540]")), "M9");
    for entries in [
        "/Rect [300 500 400 540] /A << /S /URI /URI (http://example.org) >>",
        "/Rect [300 500 400 540] /AA << >>",
        "/Rect [300 500 400 540] /OC << /Type /OCG >>",
        "/Rect [300 500 400 540] /P 15 0 R",
        "/Rect [300 500 400 540] /AP << /N 10 0 R >>",
        "/Rect [300 500 400 540] /BS 5 0 R",
    ] {
        forged(entries, &added(&square(entries)), &["M9"]);
    }
    for subtype in ["Link", "Widget", "FileAttachment", "Screen", "RichMedia", "Redact", "Watermark"] {
        let annotation = format!("<< /Type /Annot /Subtype /{subtype} /Rect [300 500 400 540] >>");
        forged(subtype, &added(&annotation), &["M9"]);
    }
    for place in ["/Rect [60 60 70 70]", "/Rect [0 0 842 595]", "/Rect (everywhere)"] {
        let found = rules_under(&added(&square(place)), "any-permitted-changes");
        assert_eq!(found, ["M14"], "{place}");
    }
    for marks in [
        "/Rect [300 500 400 540] /QuadPoints [60 60 190 60 60 90 190 90]",
        "/Rect [300 500 400 540] /InkList [[60 60 190 90]]",
        "/Rect [190 121 195 125]",
    ] {
        assert_eq!(rules_under(&added(&square(marks)), "any-permitted-changes"), ["M14"], "{marks}");
    }
    for key in ["Popup", "Parent", "IRT"] {
        let other = format!("/Rect [300 500 400 540] /{key} {SIGNATURE} 0 R");
        assert_eq!(rules_under(&added(&square(&other)), "any-permitted-changes"), ["M9"], "{other}");
    }
    let removed = Update::of(&first).edit(PAGE, "[5 0 R", "[").append();
    assert_eq!(rules_under(&removed, "any-permitted-changes"), ["M9"], "the widget of the seal");
    let order = Update::of(&first).edit(PAGE, "7 0 R 8 0 R", "8 0 R 7 0 R").append();
    assert_eq!(rules_under(&order, "any-permitted-changes"), ["M9"]);
    let field = Update::of(&first).edit(NAME, "/Subtype /Widget", "/Subtype /Square").append();
    assert!(!rules_under(&field, "any-permitted-changes").is_empty());
}
