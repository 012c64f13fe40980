//! Rules X1 to X4, X6, X9 and X10: the file as a chain of revisions. In: a parsed document. Out: findings, which concern every
//! signature, or those that a later revision follows. X5 and X7 are judged with the changes of each revision.

use std::sync::Arc;

use pades::{Document, Error, SignatureFields, SignatureValue, XrefEntry};

use super::inventory::{Inventory, locked};
use super::rule::{Anomaly, Finding, Rule, lines};
use super::subject::MAX_SIGNATURES;
use crate::check::CheckId::{U7, X1, X2, X3, X4, X5, X6, X7, X9, X10};
use crate::report::Check;

/// The lines of X1 to X10.
pub(super) fn checks(findings: &[Finding]) -> Vec<Check> {
    const PASSED: [(Rule, &str); 9] = [
        (X1, "a known version at offset 0"),
        (X2, "every startxref leads to the cross-references of its revision"),
        (X3, "no /XRefStm"),
        (X4, "every offset leads to the object with its number"),
        (X5, "nothing was overridden by a stream of objects"),
        (X6, "no byte is unexplained"),
        (X7, "no reference found a target that was not there before"),
        (X9, "no duplicate was found"),
        (X10, "form and pages were read to the end"),
    ];
    PASSED.into_iter().flat_map(|(rule, passed)| lines(rule, findings, passed)).collect()
}

/// Everything about the file; bytes and objects in the open are explained in the revisions after `first`.
pub(super) fn findings(
    document: &Document,
    inventory: &Inventory,
    newest: &SignatureFields,
    forms: &[Arc<SignatureFields>],
    first: usize,
) -> Vec<Finding> {
    let irregular = document.irregularities().iter().filter_map(|found| inventory.finding(found, None));
    let mut findings: Vec<Finding> = irregular.chain(inventory.findings().iter().cloned()).collect();
    findings.extend(newest.problems.iter().map(reading_problem));
    let limits = forms.iter().flat_map(|form| &form.problems);
    findings.extend(limits.filter(|one| matches!(one, Error::LimitExceeded { .. })).take(1).map(reading_problem));
    findings.extend(too_many(newest));
    findings.extend(locked(document, first));
    findings.extend(listed_twice(forms));
    findings.extend(misplaced_objects(document, inventory));
    findings.extend(unexplained(document, first));
    findings.extend(trailing_space(document));
    findings
}

/// X10: trees of fields and pages that cannot be read to the end.
fn reading_problem(problem: &Error) -> Finding {
    Finding::failed(X10, None, problem.offset().unwrap_or(0), problem.to_string())
}

/// U7: fields that the form lists more than once, since the revision in which it began.
fn listed_twice(forms: &[Arc<SignatureFields>]) -> Vec<Finding> {
    let newest = forms.last().map_or(&[][..], |form| &form.repeated);
    let since = |field| forms.iter().position(|form| form.repeated.contains(field)).unwrap_or(forms.len());
    let findings = newest.iter().take(8).map(|field| {
        let detail = format!("the form lists the field {field} more than once");
        Finding::anomaly(U7, Anomaly::OneReading, since(field), 0, detail)
    });
    findings.collect()
}

/// X10: more signatures than are judged.
fn too_many(newest: &SignatureFields) -> Option<Finding> {
    let found = newest.fields.iter().filter(|field| field.value != SignatureValue::Empty).count();
    let detail = format!("wanted at most {MAX_SIGNATURES} signatures, found {found}");
    (found > MAX_SIGNATURES).then(|| Finding::failed(X10, None, 0, detail))
}

/// X4: at each offset stands the header of the object that the cross-references name. White space before it was noted when
/// they were read, and offset 0 reads as null.
fn misplaced_objects(document: &Document, inventory: &Inventory) -> Vec<Finding> {
    let (bytes, view) = (document.bytes(), document.latest());
    let mut findings = Vec::new();
    for (index, revision) in document.revisions().iter().enumerate() {
        let misplaced = revision.entries().iter().filter_map(|(number, entry)| match entry {
            XrefEntry::InUse { offset, generation } if *offset > 0 => {
                let space = bytes.iter().skip(*offset).take(8).take_while(|byte| is_space(**byte)).count();
                let found = object_header(bytes, offset.saturating_add(space));
                (found != Some((*number, *generation))).then_some((*number, *offset, *generation))
            }
            _ => None,
        });
        for (number, offset, generation) in misplaced.take(64) {
            let shown = view.entry(number).is_some_and(|(newest, _)| newest == index) && inventory.is_reachable(number);
            let anomaly = if shown { Anomaly::TwoReadings } else { Anomaly::OneReading };
            let detail = format!("wanted `{number} {generation} obj`, found something else");
            findings.push(Finding::anomaly(X4, anomaly, index, offset, detail));
        }
    }
    findings
}

/// Number and generation of `12 0 obj` at an offset.
fn object_header(bytes: &[u8], offset: usize) -> Option<(u32, u16)> {
    let window = bytes.get(offset..)?;
    let mut rest = &window[..window.len().min(40)];
    let number = number(&mut rest)?;
    skip_space(&mut rest)?;
    let generation = self::number(&mut rest)?;
    skip_space(&mut rest)?;
    let keyword = rest.strip_prefix(b"obj")?;
    let ends = keyword.first().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    Some((u32::try_from(number).ok()?, u16::try_from(generation).ok()?)).filter(|_| ends)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, after) = rest.split_at(length);
    *rest = after;
    (1..=18).contains(&length).then(|| digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}

fn skip_space(rest: &mut &[u8]) -> Option<()> {
    let length = rest.iter().take_while(|byte| is_space(**byte)).count();
    *rest = &rest[length..];
    (length > 0).then_some(())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// X6: in the revisions after `first` every byte belongs to a listed object, to cross-references, to white space, or to a comment
/// that does not come first: nobody writes one there.
fn unexplained(document: &Document, first: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for revision in first + 1..document.revisions().len() {
        let start = document.revisions()[revision].range.start;
        let start = start + document.bytes()[start..].iter().take_while(|byte| is_space(**byte)).count();
        if document.bytes()[start..].starts_with(b"%") {
            findings.push(Finding::failed(X6, Some(revision), start, "a comment between the revisions"));
        }
        let Some(body) = document.body(revision) else { continue };
        findings.extend(body.unexplained.iter().map(|range| {
            let detail = format!("{} bytes that are no object and no cross-references", range.len());
            Finding::failed(X6, Some(revision), range.start, detail)
        }));
        findings.extend(body.objects.iter().filter(|object| !object.listed).map(|object| {
            let detail = format!("object {} is not in the cross-references", object.reference.number);
            Finding::failed(X6, Some(revision), object.range.start, detail)
        }));
    }
    findings
}

/// X6: after the last `%%EOF` one end of line at most. A second one, as some programs add to every file, is an anomaly.
fn trailing_space(document: &Document) -> Option<Finding> {
    let trailing = document.trailing();
    let space = &document.bytes()[trailing.clone()];
    let blank = space.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0);
    let anomaly = matches!(space, b"\r\n" | b"\n" | b"\r").then_some(Anomaly::LineEnd);
    let detail = format!("{} bytes of white space after the last `%%EOF`", trailing.len());
    let finding = Finding { anomaly, ..Finding::failed(X6, None, trailing.start, detail) };
    (blank && !trailing.is_empty()).then_some(finding)
}
