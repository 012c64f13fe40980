//! A form of two pages that is sealed or certified, and what others append to it: visible, split and nested fields, a text, a
//! check box, an annotation.

use pades::Document;
use pki::DigestAlgorithm;
use validation::format_check::{self, SignatureFormat};
use validation::report::LaterChanges;
use validation::{Conclusion, Failure, Policy};

use crate::laboratory::{Laboratory, failed, find, keep, write};
use crate::update::Update;

/// The form: numbers of its objects.
pub(crate) const CATALOG: u32 = 1;
pub(crate) const PAGE: u32 = 3;
pub(crate) const FORM: u32 = 4;
pub(crate) const SEAL: u32 = 5;
pub(crate) const SECOND: u32 = 6;
pub(crate) const NAME: u32 = 7;
pub(crate) const AGREE: u32 = 8;
pub(crate) const HIGHLIGHT: u32 = 9;
pub(crate) const CONTENT: u32 = 10;
pub(crate) const FONT: u32 = 11;
pub(crate) const SECOND_PAGE: u32 = 15;
pub(crate) const THIRD: u32 = 16;
pub(crate) const THIRD_WIDGET: u32 = 17;
pub(crate) const OVER: u32 = 18;
pub(crate) const FIXED: u32 = 19;
pub(crate) const CITY: u32 = 21;
/// Its first signature dictionary, and new objects of those who come later.
pub(crate) const SIGNATURE: u32 = 30;
pub(crate) const LATER: u32 = 40;

/// The form before any seal; `lock` goes into the field that is sealed first.
pub(crate) fn unsealed(lock: &str) -> Vec<u8> {
    let widget = |rectangle: &str| format!("/Type /Annot /Subtype /Widget /F 4 /Rect [{rectangle}] /P 3 0 R");
    let stream = |text: &str| {
        format!("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length {} >>\nstream\n{text}\nendstream", text.len())
    };
    let text = "BT /F1 24 Tf 72 400 Td (Contract) Tj ET";
    write(&[
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>",
        "<< /Type /Pages /Kids [3 0 R 15 0 R] /Count 2 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 10 0 R /Resources << /Font << /F1 11 0 R >> >> \
         /Annots [5 0 R 6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 18 0 R 19 0 R 21 0 R] >>",
        "<< /Fields [5 0 R 6 0 R 7 0 R 8 0 R 16 0 R 18 0 R 19 0 R 20 0 R] /SigFlags 3 /DA (/Helv 0 Tf) \
         /DR << /Font << /Helv 11 0 R >> >> >>",
        &format!("<< /FT /Sig /T (Seal) {lock} {} >>", widget("50 50 200 120")),
        &format!("<< /FT /Sig /T (Second) {} >>", widget("500 50 700 120")),
        &format!("<< /FT /Tx /T (name) /V () /DA (/Helv 12 Tf) {} >>", widget("50 300 300 320")),
        &format!(
            "<< /FT /Btn /T (agree) /V /Off /AS /Off /AP << /N << /Yes 12 0 R /Off 14 0 R >> >> {} >>",
            widget("50 340 60 350")
        ),
        "<< /Type /Annot /Subtype /Highlight /Rect [300 400 400 420] /QuadPoints [300 420 400 420 300 400 400 400] >>",
        &format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        &stream("0 0 9 9 re f"),
        "<< /Title (Contract) >>",
        &stream("0 0 9 9 re S"),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>",
        "<< /FT /Sig /T (Third) /Kids [17 0 R] >>",
        &format!("<< /Parent 16 0 R {} >>", widget("500 200 700 260")),
        &format!("<< /FT /Sig /T (Over) {} >>", widget("100 60 300 200")),
        &format!("<< /FT /Tx /T (fixed) /Ff 1 /V (100) {} >>", widget("50 360 300 380")),
        "<< /FT /Tx /T (group) /Kids [21 0 R] >>",
        &format!("<< /T (city) /Parent 20 0 R {} >>", widget("50 260 300 280")),
    ])
}

/// A signature dictionary with room for a message.
pub(crate) fn signature(entries: &str) -> String {
    format!(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:20261124090000Z) {entries} \
         /ByteRange [0 0 0 0{}] /Contents <{}> >>",
        " ".repeat(40),
        "0".repeat(10_000)
    )
}

/// Signs the last signature dictionary that was appended, over everything but its /Contents.
pub(crate) fn signed(mut pdf: Vec<u8>) -> Vec<u8> {
    let place = b"/ByteRange [0 0 0 0";
    let range = pdf.len() - pdf.windows(place.len()).rev().position(|window| window == place).unwrap() - place.len();
    let start = range + find(&pdf[range..], b"/Contents <") + 10;
    let end = start + find(&pdf[start..], b">") + 1;
    let room = find(&pdf[range..], b"]") - 12;
    let numbers = format!("0 {start} {end} {}", pdf.len() - end);
    pdf[range + 12..range + 12 + room].copy_from_slice(format!("{numbers:room$}").as_bytes());
    let digest = DigestAlgorithm::Sha256.digest_parts([&pdf[..start], &pdf[end..]]);
    let message = Laboratory::new().message(&digest, true);
    let digits: Vec<u8> = message.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    pdf[start + 1..start + 1 + digits.len()].copy_from_slice(&digits);
    pdf
}

/// The form sealed in `Seal`, with entries in the signature dictionary.
pub(crate) fn sealed(entries: &str) -> Vec<u8> {
    sealed_with("", entries)
}

pub(crate) fn sealed_with(lock: &str, entries: &str) -> Vec<u8> {
    let form = unsealed(lock);
    let update = Update::of(&form).set(SIGNATURE, &signature(entries));
    let update = update.edit(SEAL, "/T (Seal)", &format!("/T (Seal) /V {SIGNATURE} 0 R"));
    let update = match entries.contains("DocMDP") {
        true => update.edit(CATALOG, "/AcroForm", &format!("/Perms << /DocMDP {SIGNATURE} 0 R >> /AcroForm")),
        false => update,
    };
    signed(update.append())
}

/// Certified with this /P.
pub(crate) fn certified(permission: u8) -> Vec<u8> {
    sealed(&doc_mdp(permission))
}

pub(crate) fn doc_mdp(permission: u8) -> String {
    format!("/Reference [{}]", transform("DocMDP", &format!("/P {permission}")))
}

pub(crate) fn field_mdp(parameters: &str) -> String {
    format!("/Reference [{}]", transform("FieldMDP", parameters))
}

pub(crate) fn transform(method: &str, parameters: &str) -> String {
    format!(
        "<< /Type /SigRef /TransformMethod /{method} /TransformParams << /Type /TransformParams /V /1.2 {parameters} >> >>"
    )
}

/// A further seal in the prepared field `Second`, with more entries in its widget.
pub(crate) fn second<'a>(pdf: &'a [u8], entries: &str) -> Update<'a> {
    let value = format!("/T (Second) /V {LATER} 0 R {entries}");
    Update::of(pdf).set(LATER, &signature("")).edit(SECOND, "/T (Second)", &value)
}

/// A further seal in a new field; `field` are its entries beside type and value.
pub(crate) fn new_seal<'a>(pdf: &'a [u8], field: &str) -> Update<'a> {
    let number = LATER + 1;
    Update::of(pdf)
        .set(LATER, &signature(""))
        .set(number, &format!("<< /FT /Sig /V {LATER} 0 R {field} >>"))
        .edit(FORM, "/Fields [", "/Fields [41 0 R ")
        .edit(PAGE, "21 0 R]", "21 0 R 41 0 R]")
}

/// What a new invisible field has.
pub(crate) const INVISIBLE: &str = "/T (New) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R";

/// A form XObject.
pub(crate) fn appearance(entries: &str) -> String {
    let text = "BT /Helv 9 Tf (Sealed) Tj ET";
    let fonts = format!("/Resources << /Font << /Helv {FONT} 0 R >> >>");
    let dictionary = format!("/Type /XObject /Subtype /Form /BBox [0 0 200 70] {fonts} {entries}");
    format!("<< {dictionary} /Length {} >>\nstream\n{text}\nendstream", text.len())
}

pub(crate) fn formats_under(pdf: &[u8], policy: &str) -> Vec<SignatureFormat> {
    keep(pdf);
    let document = Document::parse(pdf).unwrap();
    format_check::examine(&document, &Policy::named(policy).unwrap())
}

/// The rules that the oldest signature breaks under a policy.
pub(crate) fn rules_under(pdf: &[u8], policy: &str) -> Vec<&'static str> {
    let formats = formats_under(pdf, policy);
    let oldest = formats.first().expect("the signature is seen");
    let rules = failed(oldest);
    let wanted = if rules.is_empty() { Conclusion::Passed } else { Conclusion::Failed(Failure::FormatFailure) };
    assert_eq!(oldest.conclusion, wanted);
    rules
}

fn later(pdf: &[u8]) -> LaterChanges {
    let later = |policy| formats_under(pdf, policy)[0].facts.later_changes;
    assert_eq!(later("default"), later("strict"), "a fact, whatever the policy");
    later("default")
}

/// A further seal that is permitted: told by M7, a failure under `strict` alone.
#[track_caller]
pub(crate) fn permitted_seal(pdf: &[u8]) {
    for policy in ["default", "any-permitted-changes", "any-later-changes"] {
        assert_eq!(rules_under(pdf, policy), [""; 0], "{policy}");
    }
    let strict = rules_under(pdf, "strict");
    assert!(strict.contains(&"M7") && strict.iter().all(|rule| ["M5", "M7"].contains(rule)), "{strict:?}");
    assert_eq!(later(pdf), LaterChanges::Seals);
    let told = |check: &validation::report::Check| check.detail.contains("a further seal in the field");
    assert!(formats_under(pdf, "default")[0].checks.iter().any(told));
}

/// A change that only `any-permitted-changes` lets through; `rule` tells it.
#[track_caller]
pub(crate) fn permitted_change(pdf: &[u8], rule: &str) {
    assert_eq!(rules_under(pdf, "any-permitted-changes"), [""; 0]);
    assert_eq!(rules_under(pdf, "any-later-changes"), [""; 0]);
    for policy in ["default", "strict"] {
        assert_eq!(rules_under(pdf, policy), [rule], "{policy}");
    }
    assert_eq!(later(pdf), LaterChanges::Other);
}

/// A change that no policy permits but `any-later-changes`.
#[track_caller]
pub(crate) fn forged(name: &str, pdf: &[u8], rules: &[&str]) {
    assert_eq!(rules_under(pdf, "default"), rules, "{name}");
    for policy in ["strict", "any-permitted-changes"] {
        let found = rules_under(pdf, policy);
        assert!(rules.iter().all(|rule| found.contains(rule)), "{name}, {policy}: {found:?}");
    }
    assert_eq!(rules_under(pdf, "any-later-changes"), [""; 0], "{name}");
    assert_eq!(later(pdf), LaterChanges::Other, "{name}");
}
