//! What is written into a file when it is sealed, read back by this crate and by a second reader.
use crate::support::{Pdf, last_revision, plain_seal, prepare, seal, written};
use pades::{Document, Error, Object, Placement, SealKind, SignatureKind, SignatureValue};

#[test]
fn a_prepared_field_gains_a_value_and_nothing_else_is_written() {
    let pdf = Pdf::with_fields().table();
    for (name, field) in [("Seal", 5), ("Second", 7)] {
        let sealed = seal(&pdf, Placement::Field(name), plain_seal());
        let document = Document::parse(sealed.as_slice()).unwrap();
        assert_eq!(written(&document, 1), [field, 9]);
        assert_eq!(&sealed[..pdf.len()], pdf);
        let before =
            document.at(0).unwrap().object(pades::Reference { number: field, generation: 0 }).unwrap().unwrap();
        let after = document.latest().object(pades::Reference { number: field, generation: 0 }).unwrap().unwrap();
        let mut expected = before.object.as_dictionary().unwrap().clone();
        expected.set("V", Object::Reference(pades::Reference { number: 9, generation: 0 }));
        assert_eq!(after.object, Object::Dictionary(expected));
    }
}

#[test]
fn the_byte_range_leaves_out_exactly_the_contents_token() {
    let prepared = prepare(&Pdf::with_fields().table(), Placement::Field("Seal"), plain_seal(), 100).unwrap();
    let [zero, before, after, rest] = prepared.byte_range();
    let parts = prepared.signed_parts().map(<[u8]>::to_vec);
    assert_eq!((zero, before), (0, parts[0].len() as u64));
    assert_eq!((after - before, rest), (202, parts[1].len() as u64));
    let sealed = prepared.embed(&[0xAB; 99]).unwrap();
    assert_eq!(&sealed[..parts[0].len()], parts[0]);
    assert_eq!(&sealed[after as usize..], parts[1]);
    let token = String::from_utf8(sealed[before as usize..after as usize].to_vec()).unwrap();
    assert_eq!(token, format!("<{}00>", "ab".repeat(99)));
    let signature = Document::parse(sealed.as_slice()).unwrap().signatures().remove(0);
    assert_eq!(signature.byte_range, [0, before, after, rest]);
    assert_eq!(signature.contents_offset, before as usize..after as usize);
    assert_eq!(signature.contents.len(), 100);
    assert!(signature.object_range.contains(&signature.byte_range_token.start));
}

#[test]
fn a_signature_that_is_too_large_is_refused_with_both_lengths() {
    let prepared = prepare(&Pdf::minimal().table(), Placement::ExistingOrNew("S"), plain_seal(), 10).unwrap();
    assert_eq!(prepared.reserved(), 10);
    assert_eq!(prepared.embed(&[0; 11]), Err(Error::CmsTooLarge { needed: 11, reserved: 10 }));
    for reserved in [0, (16 << 20) + 1] {
        let result = prepare(&Pdf::minimal().table(), Placement::ExistingOrNew("S"), plain_seal(), reserved);
        assert!(matches!(result, Err(Error::Reservation { .. })));
    }
}

#[test]
fn texts_and_time_are_read_back_as_claims() {
    let kind = SealKind::Seal {
        at: "2026-04-01T09:00:00Z".parse().unwrap(),
        name: Some("東京第一学校"),
        reason: Some("Certificate (of completion)"),
        location: Some("Zürich"),
    };
    let sealed = seal(&Pdf::minimal().table(), Placement::NewInvisible { name: None }, kind);
    let signature = Document::parse(sealed).unwrap().signatures().remove(0);
    assert_eq!(signature.field, "Seal1");
    assert_eq!(signature.kind, SignatureKind::Seal);
    assert_eq!(signature.signing_time_claim.as_deref(), Some("D:20260401090000Z"));
    assert_eq!(signature.name.as_deref(), Some("東京第一学校"));
    assert_eq!(signature.reason.as_deref(), Some("Certificate (of completion)"));
    assert_eq!(signature.location.as_deref(), Some("Zürich"));
    assert_eq!((signature.filter.as_str(), signature.type_name.as_deref()), ("Adobe.PPKLite", Some("Sig")));
    assert_eq!((signature.revision, signature.covered_revision), (1, Some(1)));
}

#[test]
fn a_document_time_stamp_is_of_its_own_kind() {
    let stamped = seal(&Pdf::minimal().table(), Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp);
    let signature = Document::parse(stamped).unwrap().signatures().remove(0);
    assert_eq!(signature.field, "TimeStamp1");
    assert_eq!(signature.kind, SignatureKind::DocumentTimeStamp);
    assert_eq!(signature.type_name.as_deref(), Some("DocTimeStamp"));
    assert_eq!(signature.signing_time_claim, None);
}

#[test]
fn a_new_field_fits_every_shape_of_form_and_annotations() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]";
    let shapes: [(&str, Pdf, &[u32]); 5] = [
        ("no form", Pdf::minimal(), &[1, 3, 4, 5, 6]),
        (
            "a direct form",
            Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] >> >>"),
            &[1, 3, 4, 5],
        ),
        (
            "an indirect form",
            Pdf::minimal()
                .set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>")
                .set(4, "<< /Fields [] /SigFlags 3 >>"),
            &[3, 4, 5, 6],
        ),
        (
            "indirect arrays",
            Pdf::minimal()
                .set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>")
                .set(3, &format!("{page} /Annots 6 0 R >>"))
                .set(4, "<< /Fields 5 0 R /SigFlags 3 >>")
                .set(5, "[]")
                .set(6, "[]"),
            &[4, 5, 6, 7, 8],
        ),
        ("direct annotations", Pdf::minimal().set(3, &format!("{page} /Annots [] >>")), &[1, 3, 4, 5, 6]),
    ];
    for (shape, pdf, expected) in shapes {
        for bytes in [pdf.table(), pdf.streams()] {
            let sealed = seal(&bytes, Placement::ExistingOrNew("New"), plain_seal());
            let document = Document::parse(sealed.as_slice()).unwrap();
            if bytes == pdf.table() {
                assert_eq!(written(&document, 1), expected, "{shape}");
            }
            assert_eq!(document.signatures()[0].field, "New", "{shape}");
            let second = lopdf::Document::load_mem(&sealed).unwrap();
            let catalog = second.catalog().unwrap();
            let form = second.dereference(catalog.get(b"AcroForm").unwrap()).unwrap().1.as_dict().unwrap();
            assert_eq!(form.get(b"SigFlags").unwrap().as_i64().unwrap(), 3, "{shape}");
            let fields = second.dereference(form.get(b"Fields").unwrap()).unwrap().1.as_array().unwrap();
            let page = second.get_dictionary(*second.get_pages().get(&1).unwrap()).unwrap();
            let annotations = second.dereference(page.get(b"Annots").unwrap()).unwrap().1.as_array().unwrap();
            assert_eq!(fields, annotations, "{shape}");
            let widget = second.dereference(&fields[0]).unwrap().1.as_dict().unwrap();
            assert_eq!(widget.get(b"F").unwrap().as_i64().unwrap(), 132, "{shape}");
        }
    }
}

#[test]
fn the_cross_references_stay_of_their_kind_and_objects_lie_in_the_open() {
    let pdf = Pdf::with_fields();
    let table = last_revision(&seal(&pdf.table(), Placement::Field("Seal"), plain_seal()));
    assert!(table.contains("\nxref\n5 1\n") && table.contains("\ntrailer\n"), "{table}");
    let streams = pdf.streams();
    let sealed = seal(&streams, Placement::Field("Seal"), plain_seal());
    let document = Document::parse(sealed.as_slice()).unwrap();
    assert!(document.revisions().iter().all(|revision| revision.kind == pades::XrefKind::Stream));
    assert_eq!(written(&document, 1), [5, 11, 12]);
    assert!(last_revision(&sealed).contains("/Type /XRef"));
    assert!(document.body(1).unwrap().objects.iter().all(|object| object.listed));
}

#[test]
fn an_update_ends_with_one_line_end_and_begins_on_its_own_line() {
    let mut pdf = Pdf::minimal().table();
    pdf.pop();
    assert!(pdf.ends_with(b"%%EOF"));
    let sealed = seal(&pdf, Placement::ExistingOrNew("S"), plain_seal());
    assert!(sealed.ends_with(b"\n%%EOF\n"));
    assert_eq!(&sealed[pdf.len()..pdf.len() + 8], b"\n1 0 obj");
    let document = Document::parse(sealed.as_slice()).unwrap();
    assert_eq!(document.revisions()[0].range.end, pdf.len() + 1);
}

#[test]
fn the_identifier_is_carried_or_made_from_the_content() {
    let carried = last_revision(&seal(&Pdf::minimal().table(), Placement::ExistingOrNew("S"), plain_seal()));
    assert!(carried.contains("/ID [<6162> <6364>]"), "{carried}");
    let without = Pdf::minimal().trailer("/Info 2 0 R").table();
    let made = seal(&without, Placement::ExistingOrNew("S"), plain_seal());
    assert_eq!(made, seal(&without, Placement::ExistingOrNew("S"), plain_seal()));
    let trailer = last_revision(&made);
    assert!(trailer.contains("/ID [<") && trailer.contains("/Info 2 0 R"), "{trailer}");
}

#[test]
fn fields_that_cannot_be_sealed_say_why() {
    let pdf = Pdf::with_fields().table();
    let prepare = |pdf: &[u8], placement| prepare(pdf, placement, plain_seal(), 64).unwrap_err();
    let not_found = Error::FieldNotFound { name: "Other".into(), present: "Seal, Second".into() };
    assert_eq!(prepare(&pdf, Placement::Field("Other")), not_found);
    let not_signature = Error::FieldNotSignature { name: "Text".into(), found: "Tx".into() };
    assert_eq!(prepare(&pdf, Placement::Field("Text")), not_signature);
    assert_eq!(prepare(&pdf, Placement::ExistingOrNew("Text")), not_signature);
    let exists = Error::FieldExists { name: "Seal".into() };
    assert_eq!(prepare(&pdf, Placement::NewInvisible { name: Some("Seal") }), exists);
    assert_eq!(prepare(&pdf, Placement::NewInvisible { name: Some("a.b") }), Error::FieldName { name: "a.b".into() });
    let sealed = seal(&pdf, Placement::Field("Seal"), plain_seal());
    let signed = Error::FieldAlreadySigned { name: "Seal".into() };
    assert_eq!(prepare(&sealed, Placement::Field("Seal")), signed);
    assert_eq!(prepare(&sealed, Placement::ExistingOrNew("Seal")), signed);
}

#[test]
fn every_later_seal_keeps_the_earlier_bytes() {
    let mut pdf = Pdf::with_fields().table();
    let steps = [
        (Placement::Field("Seal"), plain_seal()),
        (Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp),
        (Placement::Field("Second"), plain_seal()),
        (Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp),
    ];
    for (count, (placement, kind)) in steps.into_iter().enumerate() {
        let sealed = seal(&pdf, placement, kind);
        assert_eq!(&sealed[..pdf.len()], pdf);
        pdf = sealed;
        let document = Document::parse(pdf.as_slice()).unwrap();
        let signatures = document.signatures();
        assert_eq!(signatures.len(), count + 1);
        let mut covered: Vec<_> = signatures.iter().map(|signature| signature.covered_revision.unwrap()).collect();
        covered.sort_unstable();
        assert_eq!(covered, (1..=count + 1).collect::<Vec<_>>());
    }
}

/// A file whose first seal has this /Reference.
fn sealed_with_reference(reference: &str) -> Vec<u8> {
    let signature = format!(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> /Reference [{reference}] >>"
    );
    Pdf::with_fields().set(5, "<< /FT /Sig /T (Seal) /Kids [6 0 R] /V 9 0 R >>").set(9, &signature).table()
}

#[test]
fn a_certification_without_changes_forbids_seals_but_not_time_stamps() {
    let doc_mdp = |p| format!("<< /TransformMethod /DocMDP /TransformParams << /P {p} /V /1.2 >> >>");
    let certified = sealed_with_reference(&doc_mdp(1));
    assert_eq!(Document::parse(certified.as_slice()).unwrap().signatures()[0].certification, Some(1));
    for placement in [Placement::Field("Second"), Placement::NewInvisible { name: None }] {
        let refused = prepare(&certified, placement, plain_seal(), 64).unwrap_err();
        assert!(matches!(&refused, Error::SealForbidden { by, .. } if by == "Seal"), "{refused}");
        assert!(prepare(&certified, placement, SealKind::DocumentTimeStamp, 64).is_ok());
    }
    let permissive = sealed_with_reference(&doc_mdp(2));
    assert!(prepare(&permissive, Placement::Field("Second"), plain_seal(), 64).is_ok());
}

#[test]
fn a_locked_field_cannot_be_sealed() {
    let field_mdp = |rest: &str| format!("<< /TransformMethod /FieldMDP /TransformParams << {rest} >> >>");
    let cases = [
        ("/Action /All", false),
        ("/Action /Include /Fields [(Second)]", false),
        ("/Action /Include /Fields [(Sec)]", true),
        ("/Action /Exclude /Fields [(Second)]", true),
        ("/Action /Exclude /Fields [(Text)]", false),
    ];
    for (parameters, permitted) in cases {
        let pdf = sealed_with_reference(&field_mdp(parameters));
        let result = prepare(&pdf, Placement::Field("Second"), plain_seal(), 64);
        assert_eq!(result.is_ok(), permitted, "{parameters}");
    }
}

#[test]
fn forms_with_xfa_keep_it() {
    let form = "<< /Fields [5 0 R] /SigFlags 0 /XFA [(template) 4 0 R] /NeedAppearances true >>";
    let sealed = seal(&Pdf::with_fields().set(4, form).table(), Placement::Field("Seal"), plain_seal());
    let text = last_revision(&sealed);
    assert!(text.contains("/SigFlags 3 /XFA [(template) 4 0 R] /NeedAppearances true"), "{text}");
}

/// A tagged page whose parent tree has the entries itself, or in a leaf.
fn tagged(parent_tree: &str, kids: &str) -> Pdf {
    Pdf::minimal()
        .set(1, "<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /StructTreeRoot 4 0 R >>")
        .set(4, &format!("<< /Type /StructTreeRoot /K {kids} /ParentTree {parent_tree} >>"))
        .set(5, "<< /Type /StructElem /S /Document /P 4 0 R /K 6 0 R >>")
        .set(6, "<< /Type /StructElem /S /P /P 5 0 R /Pg 3 0 R /K 0 >>")
        .set(7, "<< /Kids [8 0 R] >>")
        .set(8, "<< /Limits [0 4] /Nums [0 [6 0 R] 4 6 0 R] >>")
}

#[test]
fn a_new_field_in_a_tagged_document_is_tagged() {
    for (parent_tree, key) in [("<< /Nums [0 [6 0 R]] >>", 1), ("7 0 R", 5)] {
        for kids in ["5 0 R", "[5 0 R]"] {
            let sealed = seal(&tagged(parent_tree, kids).table(), Placement::ExistingOrNew("S"), plain_seal());
            let text = last_revision(&sealed);
            for part in [
                "/S /Form /P 5 0 R /Pg 3 0 R /K [<< /Type /OBJR /Obj ",
                "/P 4 0 R /K [6 0 R ",
                "/Tabs /S",
                "/TU (Electronic seal)",
                &format!("/StructParent {key}"),
                &format!("/ParentTreeNextKey {}", key + 1),
                &format!(" {key} 1"),
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            assert_eq!(text.contains("/Limits [0 5]"), parent_tree == "7 0 R");
        }
    }
}

#[test]
fn after_a_seal_the_structure_tree_stays_as_it_is() {
    let sealed = seal(&tagged("7 0 R", "5 0 R").table(), Placement::ExistingOrNew("S"), plain_seal());
    let stamped = seal(&sealed, Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp);
    let text = last_revision(&stamped);
    assert!(!text.contains("/StructElem") && !text.contains("/StructTreeRoot "), "{text}");
    assert!(text.contains("/Annots ["), "{text}");
}

#[test]
fn a_structure_tree_of_another_shape_leaves_the_field_untagged() {
    let sealed = seal(&tagged("[]", "5 0 R").table(), Placement::ExistingOrNew("S"), plain_seal());
    assert!(!last_revision(&sealed).contains("/StructParent"));
    assert_eq!(Document::parse(sealed).unwrap().signatures().len(), 1);
}

#[test]
fn an_object_with_a_duplicate_key_is_not_rewritten() {
    let pdf = Pdf::with_fields().set(5, "<< /FT /Sig /T (Seal) /Kids [6 0 R] /TU (a) /TU (b) >>").table();
    let refused = prepare(&pdf, Placement::Field("Seal"), plain_seal(), 64).unwrap_err();
    assert!(refused.to_string().contains("each key of a dictionary once, found /TU twice"), "{refused}");
}

#[test]
fn fields_are_found_with_inherited_type_and_full_name() {
    let pdf = Pdf::with_fields()
        .set(4, "<< /Fields [9 0 R 5 0 R] /SigFlags 3 >>")
        .set(9, "<< /T (group) /FT /Sig /Kids [7 0 R 10 0 R] >>")
        .set(7, "<< /T (one) /Parent 9 0 R >>")
        .set(10, "<< /T (two) /Parent 9 0 R >>");
    let sealed = seal(&pdf.table(), Placement::Field("group.two"), plain_seal());
    let fields = Document::parse(sealed).unwrap().signature_fields();
    let names: Vec<_> =
        fields.fields.iter().map(|field| (field.name.as_str(), field.value == SignatureValue::Empty)).collect();
    assert_eq!(names, [("group.one", true), ("group.two", false), ("Seal", true)]);
}
