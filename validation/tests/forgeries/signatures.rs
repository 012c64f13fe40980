//! Rules U and G: the signature dictionary, its byte range, its gap.

use crate::laboratory::{
    Laboratory, archived, expect, expect_alone, expect_told, failed, find, formats, numbers, overwrite, rules, sealed,
    set_numbers, strict, told,
};
use crate::update::Update;
use validation::report::Outcome;

#[test]
fn u1_a_field_that_only_a_page_leads_to_is_found_and_told() {
    let hidden = Update::of(&sealed()).edit(4, "/Fields [5 0 R 7 0 R]", "/Fields [7 0 R]").append();
    let format = formats(&hidden).remove(0);
    assert!(format.checks.iter().any(|check| check.rule() == Some("U1") && check.outcome == Outcome::Warning));
    assert_eq!(failed(&format), ["M8"]);
}

#[test]
fn u2_a_key_twice() {
    let lab = Laboratory::new();
    expect(&lab.resealed(|pdf| overwrite(pdf, "/Name (A)", "/Filter/A")), &["U2", "U5", "X9"]);
    let sealed = sealed();
    let twice = Update::of(&sealed).edit(5, "/V ", "/V 99 0 R /V ").append();
    assert!(rules(&twice).contains(&"U2"));
}

#[test]
fn u2_a_key_missing() {
    let lab = Laboratory::new();
    for key in ["Filter", "SubFilter", "Contents", "ByteRange"] {
        let mut pdf = sealed();
        let dictionary = pades::Document::parse(pdf.as_slice()).unwrap().signatures().remove(0).dictionary;
        pdf[dictionary.entry(key).unwrap().key_token.start + 1] = b'x';
        assert!(rules(&pdf).starts_with(&["U2"]), "{key}: {:?}", rules(&pdf));
    }
    expect(&lab.resealed(|pdf| overwrite(pdf, "/Filter /", "/Filtes /")), &["U2", "U5"]);
}

#[test]
fn u3_numbers_that_are_no_byte_range() {
    let [_, first, second, length] = numbers(&sealed());
    for text in [
        "0 0 0 0".to_owned(),
        format!("0 {first} {second}"),
        format!("0 {first} {second} {length} 0"),
        format!("0 {first} {second} -1"),
        format!("0 {first} {second} 1.5"),
        "null".to_owned(),
        format!("0 {first} {second} 9 0 R"),
    ] {
        let mut pdf = sealed();
        set_numbers(&mut pdf, &text);
        expect(&pdf, &["U3", "U5"]);
    }
    let mut overflowing = sealed();
    set_numbers(&mut overflowing, &format!("0 {first} {second} 99999999999999999999"));
    expect(&overflowing, &["U3", "U5"]); // no integer
}

#[test]
fn u4_contents_that_are_no_signature() {
    for (open, close) in [(&b"("[..], &b")"[..]), (b"<>%", b"%")] {
        let mut pdf = sealed();
        let start = find(&pdf, b"/Contents <") + 10;
        let end = start + find(&pdf[start..], b">");
        pdf[start..start + open.len()].copy_from_slice(open);
        pdf[end..end + close.len()].copy_from_slice(close);
        let found = rules(&pdf);
        assert!(found.starts_with(&["U4", "U5"]) || found.starts_with(&["U5"]), "{found:?}");
    }
    let mut zeros = sealed();
    let start = find(&zeros, b"/Contents <") + 11;
    let end = start + find(&zeros[start..], b">");
    zeros[start..end].fill(b'0');
    assert!(rules(&zeros).starts_with(&["U4"]), "{:?}", rules(&zeros));
    let file = sealed();
    let null = Update::of(&file);
    let number = signature_number();
    let text = null.text(number);
    let contents = find(text.as_bytes(), b"/Contents <");
    let end = contents + find(&text.as_bytes()[contents..], b">") + 1;
    let emptied = null.set(number, &format!("{}/Contents null{}", &text[..contents], &text[end..])).append();
    let found = rules(&emptied);
    assert!(found.contains(&"U4") && found.contains(&"U5") && found.contains(&"G9"), "{found:?}");
}

#[test]
fn u5_an_emptied_field_is_an_invalid_signature() {
    let sealed = sealed();
    for value in ["(gone)", "99 0 R", "<< >>"] {
        let (_, reference) = signature_value();
        let emptied = Update::of(&sealed).edit(5, &reference, value).append();
        let found = rules(&emptied);
        assert!(found.contains(&"U5") && found.contains(&"G9") && found.contains(&"M8"), "{value}: {found:?}");
    }
    let (_, reference) = signature_value();
    let removed = Update::of(&sealed).edit(5, &format!("/V {reference}"), "").append();
    let found = rules(&removed);
    assert!(found.contains(&"G9") && found.contains(&"M8"), "{found:?}");
}

#[test]
fn u6_another_kind_of_signature() {
    let lab = Laboratory::new();
    let other = lab.resealed(|pdf| overwrite(pdf, "ETSI.CAdES.detached", "ETSI.CAdES.attached"));
    expect(&other, &["U6"]);
    let wrong_type = lab.resealed(|pdf| overwrite(pdf, "/Type /Sig ", "/Type /Sik "));
    assert_eq!((rules(&wrong_type), strict(&wrong_type)), (vec![], vec![]), "no baseline, and told");
    assert!(told(&wrong_type).contains(&"U6"));
    let older = lab.resealed(|pdf| overwrite(pdf, "ETSI.CAdES.detached", "adbe.pkcs7.detached"));
    let format = formats(&older).remove(0);
    assert!(format.conclusion.is_passed(), "told, and not PAdES baseline");
    assert!(format.checks.iter().any(|check| check.rule() == Some("U6") && check.outcome == Outcome::Warning));
}

#[test]
fn u7_two_fields_with_one_signature() {
    let file = sealed();
    let (number, reference) = signature_value();
    let update = Update::of(&file);
    let field = update.size();
    let widget = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Copy) /F 132 /Rect [0 0 0 0] /P 3 0 R /V {reference} >>"
    );
    let second = update
        .set(field, &widget)
        .edit(4, "7 0 R]", &format!("7 0 R {field} 0 R]"))
        .edit(3, "9 0 R]", &format!("9 0 R {field} 0 R]"))
        .append();
    let found = rules(&second);
    assert!(found.contains(&"U7") && found.contains(&"M7"), "{number}: {found:?}");
}

#[test]
fn g1_a_range_that_leaves_out_the_header() {
    let [_, first, second, length] = numbers(&sealed());
    let forged = Laboratory::new().resealed(|pdf| set_numbers(pdf, &format!("1 {} {second} {length}", first - 1)));
    expect_alone(&forged, &["G1"]);
}

#[test]
fn g2_ranges_that_overlap_or_are_empty() {
    let [_, first, second, length] = numbers(&sealed());
    let lab = Laboratory::new();
    let touching = lab.resealed_with(|pdf| set_numbers(pdf, &format!("0 {first} {first} {length}")), |_| vec![0x30, 0]);
    let found = rules(&touching);
    assert!(found.contains(&"G2") && found.contains(&"G4") && found.contains(&"G5"), "{found:?}");
    let no_end = lab.resealed(|pdf| set_numbers(pdf, &format!("0 {first} {second} 0")));
    expect_alone(&no_end, &["G2", "G8"]);
}

#[test]
fn g2_a_later_signature_over_the_gap_of_an_earlier_one() {
    let mut pdf = archived();
    let signatures = pades::Document::parse(pdf.as_slice()).unwrap().signatures();
    let later = signatures.iter().find(|one| one.field == "ArchiveTimeStamp").unwrap();
    let token = later.byte_range_token.clone();
    let [_, first, second, length] = numbers(&pdf);
    let text = format!("[0 {first} {second} {}", pdf.len() - second);
    pdf[token.start..token.end - 1].fill(b' ');
    pdf[token.start..token.start + text.len()].copy_from_slice(text.as_bytes());
    let formats = formats(&pdf);
    let stamp = formats.iter().find(|one| one.field == "ArchiveTimeStamp").unwrap();
    assert!(failed(stamp).contains(&"G2") && failed(stamp).contains(&"G5"), "{length} {:?}", failed(stamp));
}

#[test]
fn g3_a_range_beyond_the_file() {
    let [_, first, second, length] = numbers(&sealed());
    for longer in [length + 1, usize::try_from(i64::MAX).unwrap()] {
        let mut pdf = sealed();
        set_numbers(&mut pdf, &format!("0 {first} {second} {longer}"));
        expect(&pdf, &["G3", "G8"]);
    }
}

#[test]
fn g4_white_space_and_other_bytes_in_the_gap() {
    let lab = Laboratory::new();
    for odd in ["  ", "\0\0", "\n\n"] {
        let mut pdf = lab.resealed(|_| {});
        let end = find(&pdf, b"/Contents <") + find(&pdf[find(&pdf, b"/Contents <")..], b">");
        pdf[end - 2..end].copy_from_slice(odd.as_bytes());
        expect_alone(&pdf, &["G4"]);
    }
}

#[test]
fn g5_the_contents_of_another_dictionary() {
    let file = sealed();
    let (number, reference) = signature_value();
    let text = Update::of(&file).text(number);
    let copied = Update::of(&file);
    let copy = copied.size();
    let forged = copied
        .set(copy, &text.replace("Certificate", "Other paper"))
        .edit(5, &reference, &format!("{copy} 0 R"))
        .append();
    let format = formats(&forged).remove(0);
    assert!(failed(&format).contains(&"G9") && failed(&format).contains(&"M8"), "{:?}", failed(&format));
    assert!(format.facts.byte_range_valid, "as the signed revision shows it");
    assert_eq!(format.facts.dictionary_consistent, Some(false));

    let [_, first, second, length] = numbers(&file);
    let wider = Laboratory::new().resealed(|pdf| set_numbers(pdf, &format!("0 {first} {} {}", second + 1, length - 1)));
    expect_alone(&wider, &["G4", "G5"]);
}

#[test]
fn g6_a_gap_of_the_right_length_at_another_place() {
    let [_, first, second, length] = numbers(&sealed());
    let numbers = format!("0 {} {} {}", first - 2, second - 2, length + 2);
    let shifted = Laboratory::new().resealed_with(|pdf| set_numbers(pdf, &numbers), |_| vec![0x30, 0]);
    let found = rules(&shifted);
    assert!(found.contains(&"G6") && found.contains(&"G5"), "{found:?}");
    assert!(!found.contains(&"G3") && !found.contains(&"G8"), "all lengths add up: {found:?}");
}

#[test]
fn g5_a_signature_dictionary_in_an_object_stream() {
    let file = sealed();
    let (number, reference) = signature_value();
    let update = Update::of(&file);
    let text = update.text(number);
    let copy = update.size() + 2;
    let forged = update.edit(5, &reference, &format!("{copy} 0 R")).append_stream(&[(copy, text.as_str())], "");
    let found = rules(&forged);
    assert!(found.contains(&"U5") && found.contains(&"G9"), "{found:?}");
}

#[test]
fn g7_data_in_the_padding_and_behind_the_message() {
    let mut pdf = sealed();
    let end = find(&pdf, b"/Contents <") + find(&pdf[find(&pdf, b"/Contents <")..], b">");
    pdf[end - 1] = b'1';
    expect_alone(&pdf, &["G7"]);
    let lab = Laboratory::new();
    let two = lab.resealed_with(|_| {}, |digest| [lab.message(digest, false), lab.message(digest, false)].concat());
    expect_alone(&two, &["G7"]);
    let indefinite = lab.resealed_with(|_| {}, |digest| indefinite_of(&lab.message(digest, false)));
    expect_told(&indefinite, "G7");
    let hidden = lab.resealed_with(|_| {}, |digest| [indefinite_of(&lab.message(digest, false)), vec![1]].concat());
    expect_alone(&hidden, &["G7"]);
}

#[test]
fn g8_ranges_that_end_inside_a_revision() {
    let [_, first, second, length] = numbers(&sealed());
    for shorter in [length - 2, length - 20, 1] {
        let forged = Laboratory::new().resealed(|pdf| set_numbers(pdf, &format!("0 {first} {second} {shorter}")));
        expect_alone(&forged, &["G8"]);
    }
}

#[test]
fn g9_another_reason_in_the_newest_revision() {
    let file = archived();
    let (number, _) = signature_value();
    let forged = Update::of(&file).edit(number, "Certificate", "Other paper").append();
    expect_alone(&forged, &["G9", "M8"]);
    let format = formats(&forged).remove(0);
    assert!(format.facts.byte_range_valid && format.facts.dictionary_consistent == Some(false));
    let same = Update::of(&file);
    let text = same.text(number);
    expect_alone(&same.set(number, &text).append(), &["G9", "M8"]); // written again, without a difference
}

/// Number of the signature dictionary, and the reference to it as the field has it.
fn signature_value() -> (u32, String) {
    let signature = pades::Document::parse(sealed()).unwrap().signatures().remove(0);
    let reference = signature.reference.unwrap();
    (reference.number, reference.to_string())
}

fn signature_number() -> u32 {
    signature_value().0
}

/// The outermost SEQUENCE with a length that is told by its end only.
fn indefinite_of(message: &[u8]) -> Vec<u8> {
    assert_eq!(message[..2], [0x30, 0x82]);
    [&[0x30, 0x80], &message[4..], &[0, 0]].concat()
}
