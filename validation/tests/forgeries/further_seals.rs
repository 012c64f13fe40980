//! Further seals after a seal: what may follow, and what hides behind one.

use pades::Document;
use pki::Certificate;
use validation::report::LaterChanges;
use validation::{Anchor, Conclusion, Input, Pdf, Policy, Reason, format_check};

use crate::form::*;
use crate::laboratory::Laboratory;
use crate::update::Update;

#[test]
fn a_further_seal_in_a_new_invisible_field_or_in_a_prepared_one_is_permitted() {
    let lab = Laboratory::new();
    for first in [sealed(""), certified(2), certified(3)] {
        assert_eq!(rules_under(&first, "strict"), [""; 0]);
        for field in ["New", "Second", "Third"] {
            let twice = lab.seal_in(&first, field, true);
            permitted_seal(&twice);
            permitted_seal(&lab.stamped(&lab.stored(&twice)));
            assert!(formats_under(&twice, "default").iter().all(|format| format.conclusion.is_passed()));
        }
    }
    permitted_seal(&lab.seal_in(&lab.stored(&lab.sealed_foreign()), "Another", true));
}

#[test]
fn three_seals_and_evidence_between_them_are_permitted() {
    let lab = Laboratory::new();
    let twice = lab.seal_in(&lab.stored(&sealed("")), "Second", true);
    let archived = lab.stamped(&lab.stored(&lab.seal_in(&lab.stamped(&lab.stored(&twice)), "Third", true)));
    permitted_seal(&archived);
    let formats = formats_under(&archived, "default");
    let later: Vec<LaterChanges> = formats.iter().map(|format| format.facts.later_changes).collect();
    use LaterChanges::{LongTerm, None, Seals};
    assert_eq!(later, [Seals, Seals, Seals, LongTerm, None]);
}

#[test]
fn the_second_signature_of_somebody_else_after_a_certification_is_permitted() {
    let Some(file) = case("02-second-signature/certified-P2-then-sealed.pdf") else { return };
    permitted_seal(&file);
    assert!(formats_under(&file, "default").iter().all(|format| format.conclusion.is_passed()));
    let root = String::from_utf8(case("02-second-signature/root.pem").unwrap()).unwrap();
    let anchors = [Anchor::from(Certificate::from_pem(&root).unwrap())];
    let policy = Policy::default();
    let document = Document::parse(file).unwrap();
    let pdf = Pdf::Read(&document);
    let input = Input {
        pdf,
        anchors: &anchors,
        certificates: &[],
        crls: &[],
        ocsp_responses: &[],
        policy: &policy,
        memory: &pki::SignatureMemory::default(),
    };
    let report = validation::validate(&input, "2026-11-28T22:26:29Z".parse().unwrap()).unwrap();
    let wanted = Conclusion::Indeterminate(Reason::CertificateChainGeneralFailure);
    assert!(report.signatures.iter().all(|seal| seal.conclusion == wanted), "{:?}", report.overall);
    assert_eq!(report.signatures[0].facts.later_changes, LaterChanges::Seals);
}

fn case(name: &str) -> Option<Vec<u8>> {
    let beside = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora"));
    let folder = std::env::var_os("CORPORA_DIR").map_or(beside, std::path::PathBuf::from);
    let read = std::fs::read(folder.join("../cases").join(name)).ok();
    if read.is_none() {
        assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "cases not found");
        eprintln!("skipped: cases not found");
    }
    read
}

#[test]
fn a_prepared_field_gets_an_appearance_of_its_own() {
    let first = sealed("");
    let shown = second(&first, "/AP << /N 42 0 R >>").set(42, &appearance(""));
    permitted_seal(&signed(shown.append()));
    let flags = second(&first, "/AP << /N 42 0 R >>").set(42, &appearance(""));
    let seal = flags.text(SECOND).replacen("/F 4 ", "/F 132 ", 1).replacen("/T (Second)", "/T (Second) /V 40 0 R", 1);
    permitted_seal(&signed(flags.set(SECOND, &seal).append()));
    let split = Update::of(&first)
        .set(LATER, &signature(""))
        .edit(THIRD, "/T (Third)", "/T (Third) /V 40 0 R")
        .edit(THIRD_WIDGET, "/Parent", "/AP << /N 42 0 R >> /Parent")
        .set(42, &appearance("").replacen("/Resources", "/Matrix [1 0 0 1 0 0] /Resources", 1));
    permitted_seal(&signed(split.append()));
}

#[test]
fn a_visible_new_field_is_not_judged_without_rendering() {
    let first = sealed("");
    for place in ["70 390 300 430", "600 500 700 560"] {
        let widget = INVISIBLE.replace("0 0 0 0", place);
        let file = signed(new_seal(&first, &format!("{widget} /AP << /N 42 0 R >>")).set(42, &appearance("")).append());
        forged(place, &file, &["M7"]);
        let details = &formats_under(&file, "default")[0].checks;
        assert!(details.iter().any(|check| check.detail.contains("not judged without rendering")));
    }
}

#[test]
fn a_new_field_with_more_than_a_seal_fails() {
    let first = sealed("");
    let with = |entries: &str| signed(new_seal(&first, &format!("{INVISIBLE} {entries}")).append());
    permitted_seal(&with(""));
    for entries in [
        "/A << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "/AA << /E << /S /JavaScript /JS (1) >> >>",
        "/Popup 9 0 R",
        "/OC << /Type /OCG /Name (a) >>",
        "/Contents (text)",
    ] {
        forged(entries, &with(entries), &["M7"]);
    }
    let named = |name: &str| signed(new_seal(&first, &INVISIBLE.replace("(New)", name)).append());
    for name in ["(Seal)", "(Second)", "(name)", "(group)", "(group.city)", "(group.new)", "()"] {
        let found = rules_under(&named(name), "default");
        assert!(found.contains(&"M7"), "{name}: {found:?}");
    }
    let other = Update::of(&first).set(LATER, &signature("")).set(41, &format!("<< /FT /Tx /V 40 0 R {INVISIBLE} >>"));
    let other = other.edit(FORM, "/Fields [", "/Fields [41 0 R ").edit(PAGE, "21 0 R]", "21 0 R 41 0 R]");
    let text = signed(other.append());
    assert!(rules_under(&text, "any-permitted-changes").contains(&"M7"));
}

#[test]
fn a_new_field_of_old_objects_on_several_pages_or_below_another_fails() {
    let first = sealed("");
    let kids = |kids: &str, more: &[(u32, &str)], second_page: &str| {
        let mut update = Update::of(&first)
            .set(LATER, &signature(""))
            .set(41, &format!("<< /FT /Sig /T (New) /V {LATER} 0 R /Kids [{kids}] >>"))
            .edit(FORM, "/Fields [", "/Fields [41 0 R ")
            .edit(PAGE, "21 0 R]", "21 0 R 42 0 R]");
        for (number, object) in more {
            update = update.set(*number, object);
        }
        if !second_page.is_empty() {
            update = update.edit(SECOND_PAGE, "/Parent", &format!("/Annots [{second_page}] /Parent"));
        }
        signed(update.append())
    };
    let widget =
        |page: u32| format!("<< /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P {page} 0 R /Parent 41 0 R >>");
    let (one, two) = (widget(PAGE), widget(SECOND_PAGE));
    permitted_seal(&kids("42 0 R", &[(42, &one)], ""));
    forged("two pages", &kids("42 0 R 43 0 R", &[(42, &one), (43, &two)], "43 0 R"), &["M7"]);
    forged("one widget on two pages", &kids("42 0 R", &[(42, &one)], "42 0 R"), &["M7"]);
    let twice = new_seal(&first, INVISIBLE).edit(PAGE, "41 0 R]", "41 0 R 41 0 R]");
    forged("listed twice", &signed(twice.append()), &["M7"]);
    forged("another page is named", &kids("42 0 R", &[(42, &two)], ""), &["M7"]);
    let old = kids("42 0 R 9 0 R", &[(42, &one)], "");
    assert!(rules_under(&old, "any-permitted-changes").contains(&"M7"));
    let below = Update::of(&first)
        .set(LATER, &signature(""))
        .set(41, &format!("<< /FT /Sig /V {LATER} 0 R /Parent 20 0 R {INVISIBLE} >>"))
        .edit(20, "/Kids [", "/Kids [41 0 R ")
        .edit(PAGE, "21 0 R]", "21 0 R 41 0 R]");
    let found = rules_under(&signed(below.append()), "any-permitted-changes");
    assert!(found.contains(&"M9") && found.contains(&"M5"), "{found:?}");
    let old_value = Update::of(&first).edit(SECOND, "/T (Second)", "/T (Second) /V 30 0 R");
    assert_eq!(rules_under(&old_value.append(), "any-permitted-changes"), ["U7", "M7"], "the first seal's dictionary");
    let no_signature =
        Update::of(&first).set(LATER, "<< /Type /Sig >>").edit(SECOND, "/T (Second)", "/T (Second) /V 40 0 R");
    forged("no signature", &no_signature.append(), &["M7"]);
}

#[test]
fn a_further_seal_that_brings_another_change_fails() {
    let first = sealed("");
    let with = |name: &str, update: Update, rules: &[&str]| forged(name, &signed(update.append()), rules);
    let invisible = || new_seal(&first, INVISIBLE);
    let order =
        invisible().text(PAGE).replace("5 0 R 6 0 R 7 0 R", "6 0 R 5 0 R 7 0 R").replace("21 0 R]", "21 0 R 41 0 R]");
    with("order of annotations", invisible().set(PAGE, &order), &["M5", "M9"]);
    with("page content", invisible().set(CONTENT, "<< /Length 0 >>\nstream\n\nendstream"), &["M3"]);
    with("font", invisible().edit(FONT, "Helvetica", "ZapfDingbats"), &["M3"]);
    let form = |old: &str, new: &str| {
        let text = second(&first, "").text(FORM);
        second(&first, "").set(FORM, &text.replace(old, new))
    };
    with("fonts of the form", form("/Helv 11 0 R", "/Helv 44 0 R").set(44, "<< /Type /Font >>"), &["M5", "M10"]);
    with("NeedAppearances", form("/SigFlags", "/NeedAppearances true /SigFlags"), &["M10"]);
    with("XFA", form("/SigFlags", "/XFA (form) /SigFlags"), &["M10"]);
    with("CO", form("/SigFlags", "/CO [7 0 R] /SigFlags"), &["M10"]);
    with("SigFlags lose a bit", form("/SigFlags 3", "/SigFlags 1"), &["M10"]);
    with("SigFlags gain an unknown bit", form("/SigFlags 3", "/SigFlags 7"), &["M10"]);
    with("OCProperties", second(&first, "").edit(CATALOG, "/Pages", "/OCProperties << >> /Pages"), &["M1"]);
    let seal = |old: &str, new: &str| {
        let text = second(&first, "").text(SEAL);
        second(&first, "").set(SEAL, &text.replace(old, new))
    };
    with("the first seal's flags", seal("/F 4", "/F 6"), &["M8"]);
    with("a lock added later", seal("/T (Seal)", "/T (Seal) /Lock << /Action /Include /Fields [] >>"), &["M8"]);
    let two = second(&first, "").set(43, &signature("")).edit(THIRD, "/T (Third)", "/T (Third) /V 43 0 R");
    let file = two.append();
    assert!(rules_under(&file, "any-permitted-changes").contains(&"M7"), "two seals in one revision");
    let two = invisible()
        .set(43, &signature(""))
        .set(44, &format!("<< /FT /Sig /V 43 0 R {} >>", INVISIBLE.replace("(New)", "(Newer)")))
        .edit(FORM, "/Fields [", "/Fields [44 0 R ")
        .edit(PAGE, "41 0 R]", "41 0 R 44 0 R]");
    assert_eq!(rules_under(&two.append(), "any-permitted-changes"), ["M7"], "two new seals in one revision");
    let leading = |to: &str| {
        let dictionary = signature(&format!("/Prop_Build {to}"));
        signed(
            invisible()
                .set(LATER, &dictionary)
                .set(45, "<< /Length 0 >>\nstream\n\nendstream")
                .set(46, "<< /App 1 >>")
                .append(),
        )
    };
    permitted_seal(&leading("46 0 R"));
    assert_eq!(rules_under(&leading("45 0 R"), "any-permitted-changes"), ["M5", "M7"], "a stream behind a signature");
}

#[test]
fn a_prepared_field_that_changes_in_anything_else_fails() {
    let first = sealed("");
    let edited = |old: &str, new: &str| {
        let text = second(&first, "").text(SECOND).replace("/T (Second)", &format!("/T (Second) /V {LATER} 0 R"));
        assert!(text.contains(old), "{text}");
        signed(second(&first, "").set(SECOND, &text.replace(old, new)).append())
    };
    for (old, new) in [
        ("/Rect [500 50 700 120]", "/Rect [0 0 842 595]"),
        ("/F 4", "/F 6"),
        ("/F 4", "/F 36"),
        ("/F 4", "/F 0"),
        ("/F 4", "/F 4 /AA << >>"),
        ("/F 4", "/F 4 /A << >>"),
        ("/F 4", "/F 4 /OC << >>"),
        ("/F 4", "/F 4 /Popup 9 0 R"),
        ("/F 4", "/F 4 /MK << /BG [1 1 1] >>"),
        ("/F 4", "/F 4 /Lock << /Action /Include /Fields [(name)] >>"),
        ("/T (Second)", "/T (Other)"),
    ] {
        forged(new, &edited(old, new), &["M8"]);
    }
    let split = |text: &str| {
        let update = Update::of(&first).set(LATER, &signature("")).edit(THIRD, "/T (Third)", "/T (Third) /V 40 0 R");
        signed(update.edit(THIRD_WIDGET, "/Rect [500 200 700 260]", text).append())
    };
    forged("the widget moves", &split("/Rect [0 0 842 595]"), &["M8"]);
    forged("the widget acts", &split("/Rect [500 200 700 260] /AA << >>"), &["M8"]);
    let widget =
        Update::of(&first).edit(THIRD_WIDGET, "/Parent", "/AP << /N 42 0 R >> /Parent").set(42, &appearance(""));
    forged("an appearance without a signature", &widget.append(), &["M8"]);
}

#[test]
fn an_appearance_with_a_second_role_or_from_elsewhere_fails() {
    let first = sealed("");
    let shown = |appearance: &str, more: &[(u32, &str)]| {
        let mut update = second(&first, appearance);
        for (number, object) in more {
            update = update.set(*number, object);
        }
        signed(update.append())
    };
    let own = appearance("");
    let contains = |name: &str, file: &[u8], rule: &str| {
        for policy in ["default", "strict", "any-permitted-changes"] {
            let found = rules_under(file, policy);
            assert!(found.contains(&rule), "{name}, {policy}: {found:?}");
        }
    };
    forged("the page's content", &shown("/AP << /N 10 0 R >>", &[]), &["M7"]);
    forged("another field's appearance", &shown("/AP << /N 12 0 R >>", &[]), &["M7"]);
    let nested = appearance("").replace("/Font <<", "/XObject << /X 12 0 R >> /Font <<");
    forged("another appearance inside", &shown("/AP << /N 42 0 R >>", &[(42, &nested)]), &["M7"]);
    for entries in ["/OC << /Type /OCG /Name (a) >>", "/Ref << >>", "/F (file)", "/OPI << >>", "/Subtype2 /PS"] {
        contains(entries, &shown("/AP << /N 42 0 R >>", &[(42, &appearance(entries))]), "M7");
    }
    let lists = appearance("").replace("/Font <<", "/Properties << /P 43 0 R >> /Font <<");
    contains("layers", &shown("/AP << /N 42 0 R >>", &[(42, &lists), (43, "<< /Type /OCG /Name (a) >>")]), "M7");
    contains("no form XObject", &shown("/AP << /N 43 0 R >>", &[(43, "(text)")]), "M7");
    let again = second(&first, "/AP << /N 42 0 R >>").set(42, &own);
    let shared = again.edit(NAME, "/T (name)", "/T (name) /AP << /N 42 0 R >>");
    let found = rules_under(&signed(shared.append()), "any-permitted-changes");
    assert!(!found.is_empty(), "shared with another widget");
    let good = signed(second(&first, "/AP << /N 42 0 R >>").set(42, &own).append());
    let later = Update::of(&good).edit(HIGHLIGHT, "/Subtype", "/AP << /N 42 0 R >> /Subtype").append();
    contains("used again later", &later, "M5");
}

#[test]
fn a_seal_over_a_visible_seal_fails() {
    let first = sealed("");
    let over = Update::of(&first)
        .set(LATER, &signature(""))
        .edit(OVER, "/T (Over)", "/T (Over) /V 40 0 R /AP << /N 42 0 R >>")
        .set(42, &appearance(""));
    forged("over a seal", &signed(over.append()), &["M14"]);
    permitted_seal(&Laboratory::new().seal_in(&first, "Over", true)); // no appearance: nothing is laid over it
}

#[test]
fn what_a_later_revision_does_to_a_further_seal_fails() {
    let lab = Laboratory::new();
    let twice = lab.seal_in(&sealed(""), "New", true);
    let document = Document::parse(twice.as_slice()).unwrap();
    let seal = document.signatures().into_iter().find(|one| one.field == "New").unwrap();
    let field = seal.field_reference.unwrap().number;
    forged("shown", &Update::of(&twice).edit(field, "/Rect [0 0 0 0]", "/Rect [0 0 90 90]").append(), &["M8"]);
    forged("other flags", &Update::of(&twice).edit(field, "/F 132", "/F 4").append(), &["M8"]);
    let dictionary = seal.reference.unwrap().number;
    forged("its dictionary", &Update::of(&twice).edit(dictionary, "(A)", "(B)").append(), &["M8"]);
    forged("taken away", &Update::of(&twice).edit(FORM, &format!(" {field} 0 R]"), "]").append(), &["M8"]);
    let split = lab.seal_in(&sealed(""), "Third", true);
    forged("its widget", &Update::of(&split).edit(THIRD_WIDGET, "/F 4", "/F 6").append(), &["M8"]);
}

#[test]
fn many_permitted_signatures_do_not_hide_one_that_is_not() {
    let lab = Laboratory::new();
    let mut file = sealed("");
    for _ in 0..9 {
        file = lab.stamped(&file);
    }
    let number = Update::of(&file).size();
    let visible = Update::of(&file)
        .set(number, &signature(""))
        .set(number + 1, &format!("<< /FT /Sig /V {number} 0 R {} >>", INVISIBLE.replace("0 0 0 0", "0 0 99 99")))
        .edit(FORM, "/Fields [", &format!("/Fields [{} 0 R ", number + 1))
        .edit(PAGE, "21 0 R", &format!("21 0 R {} 0 R", number + 1));
    let file = visible.append();
    for policy in ["default", "strict", "any-permitted-changes"] {
        assert_eq!(rules_under(&file, policy), ["M7"]);
    }
    let document = Document::parse(file).unwrap();
    assert!(!format_check::examine(&document, &Policy::default())[0].conclusion.is_passed());
}
