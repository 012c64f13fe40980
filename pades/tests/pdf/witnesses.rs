//! What other programs say of sealed files: qpdf of the syntax, pdfsig of fields and byte ranges. A program that is missing
//! makes a check skipped; with REQUIRE_WITNESSES=1 it fails.

use crate::support::{Pdf, append, plain_seal, prepare, seal};
use pades::{Document, Error, Placement, SealKind, security_store};
use std::{
    path::PathBuf,
    process::{Command, Output},
};

/// Runs a program on files; `None` if it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            let required = std::env::var_os("REQUIRE_WITNESSES").is_some_and(|value| value == "1");
            assert!(!required, "{program} not found");
            eprintln!("skipped: {program} not found");
            None
        }
    }
}

/// A file in a folder of its own that is removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("pades-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file with everything that this crate writes.
fn archive(pdf: &[u8]) -> Vec<u8> {
    let sealed = seal(pdf, Placement::ExistingOrNew("Second"), plain_seal());
    let contents = Document::parse(sealed.as_slice()).unwrap().signatures().remove(0).contents;
    let material = security_store::Material { certificates: vec![b"leaf".to_vec()], ..Default::default() };
    let stored = append(&sealed, &material, &[&contents]).unwrap();
    seal(&stored, Placement::NewInvisible { name: None }, SealKind::DocumentTimeStamp)
}

#[test]
fn qpdf_finds_no_fault_in_sealed_files() {
    let scratch = Scratch::new("qpdf");
    for (name, pdf) in [("table.pdf", Pdf::with_fields().table()), ("streams.pdf", Pdf::with_fields().streams())] {
        let path = scratch.write(name, &archive(&pdf));
        let Some(output) = run("qpdf", &["--check", &path]) else { return };
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn files_rewritten_by_qpdf_are_sealed_or_refused_by_their_kind() {
    let scratch = Scratch::new("rewritten");
    let input = scratch.write("in.pdf", &Pdf::with_fields().table());
    for (kind, options) in [
        ("object streams", vec!["--object-streams=generate", "--compress-streams=y"]),
        ("linearized", vec!["--linearize"]),
        ("linearized with streams", vec!["--linearize", "--object-streams=generate"]),
        ("encrypted", vec!["--encrypt", "", "owner", "256", "--"]),
        ("encrypted with streams", vec!["--object-streams=generate", "--encrypt", "user", "owner", "256", "--"]),
    ] {
        let output = scratch.path("out.pdf");
        let mut arguments = options.clone();
        arguments.extend([input.as_str(), output.as_str()]);
        let Some(done) = run("qpdf", &arguments) else { return };
        assert!(done.status.success(), "{kind}: {}", String::from_utf8_lossy(&done.stderr));
        let pdf = std::fs::read(&output).unwrap();
        if kind.starts_with("encrypted") {
            let refused = prepare(&pdf, Placement::Field("Seal"), plain_seal(), 64).unwrap_err();
            assert!(matches!(refused, Error::Encrypted { .. }), "{kind}: {refused}");
            continue;
        }
        let document = Document::parse(pdf.as_slice()).unwrap();
        assert_eq!(document.revisions().len(), 1, "{kind}");
        assert_eq!(document.revisions()[0].range.end, pdf.len(), "{kind}");
        let body = document.body(0).unwrap();
        assert!(body.unexplained.is_empty(), "{kind}: {:?}", body.unexplained);
        assert!(body.objects.iter().all(|object| object.listed), "{kind}: {:?}", body.objects);
        let sealed = archive(&pdf);
        assert_eq!(Document::parse(sealed.as_slice()).unwrap().signatures().len(), 2, "{kind}");
        let path = scratch.write("sealed.pdf", &sealed);
        let checked = run("qpdf", &["--check", &path]).unwrap();
        assert_eq!(
            checked.status.code().filter(|code| *code != 3),
            Some(0),
            "{kind}: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

#[test]
fn pdfsig_sees_every_seal_and_the_same_ranges() {
    let scratch = Scratch::new("pdfsig");
    for (name, pdf) in [("table.pdf", Pdf::with_fields().table()), ("streams.pdf", Pdf::minimal().streams())] {
        let sealed = archive(&pdf);
        let path = scratch.write(name, &sealed);
        let Some(output) = run("pdfsig", &["-nocert", &path]) else { return };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("Signature Field Name: Second"), "{text}");
        assert!(text.contains("Signature Field Name: TimeStamp1"), "{text}");
        assert!(text.contains("Signature Type: ETSI.CAdES.detached"), "{text}");
        for signature in Document::parse(sealed).unwrap().signatures() {
            let [_, before, after, rest] = signature.byte_range;
            let ranges = format!("Signed Ranges: [0 - {before}], [{after} - {}]", after + rest);
            assert!(text.contains(&ranges), "{ranges} in {text}");
        }
    }
}

#[test]
fn a_second_reader_finds_the_same_revisions_content() {
    for pdf in [Pdf::with_fields().table(), Pdf::with_fields().streams()] {
        let sealed = archive(&pdf);
        let second = lopdf::Document::load_mem(&sealed).unwrap();
        for signature in Document::parse(sealed.as_slice()).unwrap().signatures() {
            let number = signature.reference.unwrap().number;
            let dictionary = second.get_dictionary((number, 0)).unwrap();
            assert_eq!(dictionary.get(b"Contents").unwrap().as_str().unwrap(), signature.contents);
            let range: Vec<u64> = dictionary
                .get(b"ByteRange")
                .unwrap()
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_i64().unwrap() as u64)
                .collect();
            assert_eq!(range, signature.byte_range);
        }
    }
}
