//! Field locks and certifications: what a seal writes of them, and which later seal they forbid.

use crate::support::{Pdf, last_revision, plain_seal, prepare, seal};
use pades::{Document, Error, Permission, Placement, SealKind};

fn certification(permission: Permission) -> SealKind<'static> {
    let at = "2026-04-01T09:00:00Z".parse().unwrap();
    SealKind::Certification { permission, at, name: None, reason: None, location: None }
}

/// `Seal` has this /Lock, written directly; object 10 is free for an indirect one.
fn locking(lock: &str) -> Pdf {
    Pdf::with_fields().set(5, &format!("<< /FT /Sig /T (Seal) /Kids [6 0 R] /Lock {lock} >>"))
}

fn refused(pdf: &[u8], placement: Placement<'_>) -> Error {
    prepare(pdf, placement, plain_seal(), 64).unwrap_err()
}

#[test]
fn a_lock_becomes_a_signature_reference_whether_it_is_direct_or_not() {
    let shapes = [
        ("<< /Type /SigFieldLock /Action /All >>", "/Action /All >>"),
        ("<< /Action /Include /Fields [(Second) (a.b)] >>", "/Action /Include /Fields [(Second) (a.b)] >>"),
        ("<< /Action /Exclude /Fields [<FEFF5B666821> null] >>", "/Action /Exclude /Fields [<feff5b666821>] >>"),
    ];
    for (lock, parameters) in shapes {
        for pdf in [locking(lock), locking("10 0 R").set(10, lock)] {
            let text = last_revision(&seal(&pdf.table(), Placement::Field("Seal"), plain_seal()));
            let reference = format!(
                "/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams /V /1.2 {parameters} /Data 1 0 R >>]"
            );
            assert!(text.contains(&reference), "{reference} in {text}");
        }
    }
}

#[test]
fn a_seal_without_a_lock_has_no_signature_reference() {
    for lock in ["null", "99 0 R"] {
        let sealed = seal(&locking(lock).table(), Placement::Field("Seal"), plain_seal());
        assert!(!last_revision(&sealed).contains("/Reference"), "{lock}");
        seal(&sealed, Placement::Field("Second"), plain_seal());
    }
}

#[test]
fn the_next_seal_that_a_lock_forbids_is_refused_naming_both_fields() {
    let cases = [
        ("/Action /All", false, false),
        ("/Action /Include /Fields [(Second)]", false, true),
        ("/Action /Include /Fields [(Sec) (Second.below)]", true, true),
        ("/Action /Exclude /Fields [(Second)]", true, false),
        ("/Action /Exclude /Fields []", false, false),
        ("/Action /Include /Fields [(Other)] /P 2", true, true),
        ("/Action /Include /Fields [(Other)] /P 1", false, false),
    ];
    for (lock, second, new) in cases {
        let sealed = seal(&locking(&format!("<< {lock} >>")).table(), Placement::Field("Seal"), plain_seal());
        for (placement, name, permitted) in
            [(Placement::Field("Second"), "Second", second), (Placement::NewInvisible { name: None }, "Seal1", new)]
        {
            if permitted {
                seal(&sealed, placement, plain_seal());
                continue;
            }
            let problem = refused(&sealed, placement);
            assert!(
                matches!(&problem, Error::SealForbidden { by, field, .. } if by == "Seal" && field == name),
                "{lock}: {problem}"
            );
        }
        let stamped = seal(&sealed, Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp);
        assert_eq!(Document::parse(stamped).unwrap().signatures().len(), 2, "{lock}");
    }
}

#[test]
fn a_locked_field_is_not_filled_with_a_document_time_stamp() {
    let sealed =
        seal(&locking("<< /Action /Include /Fields [(Second)] >>").table(), Placement::Field("Seal"), plain_seal());
    let stamp = |placement| prepare(&sealed, placement, SealKind::DocumentTimeStamp, 64);
    let refused = stamp(Placement::ExistingOrNew("Second")).unwrap_err();
    assert!(matches!(refused, Error::SealForbidden { .. }), "{refused}");
    assert!(stamp(Placement::NewInvisible { name: None }).is_ok());
}

#[test]
fn a_lock_that_cannot_be_read_is_not_sealed_over() {
    for lock in [
        "[]",
        "<< >>",
        "<< /Action /Some >>",
        "<< /Action /Include >>",
        "<< /Action /All /P 4 >>",
        "<< /Action /Include /Fields [1] >>",
    ] {
        let problem = refused(&locking(lock).table(), Placement::Field("Seal"));
        assert!(matches!(problem, Error::Damaged { .. }), "{lock}: {problem}");
    }
}

#[test]
fn a_lock_of_a_signed_field_counts_without_its_reference_and_an_unreadable_reference_counts_as_one() {
    let signature = |rest: &str| {
        format!(
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> {rest} >>"
        )
    };
    let unreferenced = Pdf::with_fields()
        .set(5, "<< /FT /Sig /T (Seal) /Kids [6 0 R] /V 9 0 R /Lock << /Action /All >> >>")
        .set(9, &signature(""));
    let unreadable = Pdf::with_fields()
        .set(5, "<< /FT /Sig /T (Seal) /Kids [6 0 R] /V 9 0 R >>")
        .set(9, &signature("/Reference [<< /TransformMethod /FieldMDP >>]"));
    let second_of_two = Pdf::with_fields().set(5, "<< /FT /Sig /T (Seal) /Kids [6 0 R] /V 9 0 R >>").set(
        9,
        &signature(
            "/Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields [] >> >> << /TransformMethod /FieldMDP /TransformParams << /Action /All >> >>]",
        ),
    );
    for pdf in [unreferenced, unreadable, second_of_two] {
        let problem = refused(&pdf.table(), Placement::Field("Second"));
        assert!(matches!(problem, Error::SealForbidden { .. }), "{problem}");
    }
}

#[test]
fn a_certification_is_named_in_the_catalog_and_says_what_may_change() {
    for (permission, further) in
        [(Permission::NoChanges, false), (Permission::FormsAndSignatures, true), (Permission::Annotations, true)]
    {
        for pdf in [Pdf::with_fields().table(), Pdf::with_fields().streams()] {
            let certified = seal(&pdf, Placement::Field("Seal"), certification(permission));
            let document = Document::parse(certified.as_slice()).unwrap();
            let signature = document.signatures().remove(0);
            assert_eq!(signature.certification, Some(permission.number()));
            let (_, catalog) = document.latest().catalog().unwrap();
            let permissions = document.latest().get(&catalog, "Perms").unwrap();
            let named = permissions.as_dictionary().unwrap().get("DocMDP").unwrap().as_reference();
            assert_eq!(named, signature.reference);
            assert_eq!(prepare(&certified, Placement::Field("Second"), plain_seal(), 64).is_ok(), further);
            seal(&certified, Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp);
        }
    }
}

#[test]
fn a_certification_comes_first_or_not_at_all() {
    for first in [plain_seal(), SealKind::DocumentTimeStamp, certification(Permission::Annotations)] {
        let sealed = seal(&Pdf::with_fields().table(), Placement::Field("Seal"), first);
        let late = prepare(&sealed, Placement::Field("Second"), certification(Permission::Annotations), 64);
        assert_eq!(late.unwrap_err(), Error::CertificationLate { by: "Seal".into() });
    }
}

#[test]
fn a_certification_that_only_the_catalog_leads_to_forbids_a_seal_too() {
    let certified = |p| {
        Pdf::with_fields()
            .set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R /Perms << /DocMDP 9 0 R >> >>")
            .set(
                9,
                &format!("<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P {p} >> >>] >>"),
            )
            .table()
    };
    assert!(matches!(refused(&certified(1), Placement::Field("Seal")), Error::SealForbidden { .. }));
    seal(&certified(2), Placement::Field("Seal"), plain_seal());
}
