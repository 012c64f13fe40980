//! Rules X2, X4, X6 and M6: later revisions that make readers rebuild the file, and what they would find.

use crate::laboratory::{
    Laboratory, archived, expect_alone, expect_told, find, formats, rules, sealed, strict, told, unsealed,
};
use crate::stream_update::StreamUpdate;
use crate::update::Update;

/// A revision that changes nothing but for its odd cross-references fails, for this rule alone.
fn expect(update: StreamUpdate<'_>, rule: &str) {
    expect_alone(&update.append(), &[rule]);
}

#[test]
fn later_streams_at_which_readers_give_up() {
    let file = archived();
    let free = Update::of(&file).size();
    let update = || StreamUpdate::of(&file, free);
    assert_eq!(rules(&update().append()), [""; 0]);
    for kind in [3, 4, 255] {
        expect(update().record(free + 1, kind, 7, 0), "X4");
    }
    for widths in ["1 8 3", "2 8 2", "0 8 2", "0 4 2", "8 4 2", "1 4 8", "6 4 0"] {
        let found = rules(&update().widths(widths).append());
        assert!(found.contains(&"X4"), "{widths}: {found:?}");
    }
    for widths in ["1 8 2", "1 5 2", "1 8 1", "2 4 2", "1 4 3"] {
        assert_eq!(rules(&update().widths(widths).append()), [""; 0], "{widths}, as widespread writers have it");
    }
    for index in
        [format!("{free} 1 9999999 0"), format!("{free} 1 7 0"), format!("7 0 {free} 1"), "9999999 0".to_owned()]
    {
        let found = rules(&update().index(&index).append());
        assert!(found.contains(&"X4"), "{index}: {found:?}");
    }
    expect(update().record(free + 1, 0, 0, 0).backwards(), "X4");
    expect(update().index(&format!("{free} 9")), "X4");
    expect(update().leftover(&[0; 7]), "X4");
    expect(update().leftover(&[0; 3]), "X4");
    for size in ["2000000000", "8388608", "100000", "3"] {
        expect(update().size(size), "X4");
    }
    let twice = update().record(free, 0, 0, 0).append();
    assert!(rules(&twice).contains(&"X9"), "{:?}", rules(&twice));
    for index in [format!("{free}"), format!("-1 {free}"), format!("{free} -1"), format!("({free}) 1")] {
        let found = rules(&update().index(&index).append());
        assert!(found.contains(&"X2"), "{index}: {found:?}");
    }
}

#[test]
fn later_tables_at_which_readers_give_up() {
    let file = archived();
    let update = || Update::of(&file).set(40, "<< >>").set(41, "<< >>");
    assert_eq!(rules(&update().append()), [""; 0]);
    let text = |old: &str, new: &str| {
        let mut forged = update().append();
        let place = file.len() + crate::laboratory::find(&forged[file.len()..], old.as_bytes());
        forged[place..place + new.len()].copy_from_slice(new.as_bytes());
        rules(&forged)
    };
    assert_eq!(text("41 1\n", "40 1\n"), ["X6", "X9"], "one number twice, at two places");
    assert_eq!(text("40 1\n", "42 1\n"), ["X4", "X6"], "out of order");
    assert_eq!(text(" 00000 n \n41", " 00000 n\n 41"), ["X4"], "another width");
    assert_eq!(text("40 1\n00000", "40 1\n99999"), ["X4", "X6"], "beyond the file");
    let mut early = update().append();
    let end = early.len() - "\n%%EOF\n".len();
    let startxref: usize = std::str::from_utf8(&early[end - 5..end]).unwrap().trim().parse().unwrap();
    let digits = (startxref - 1).to_string();
    early[end - digits.len()..end].copy_from_slice(digits.as_bytes());
    assert_eq!(rules(&early), ["X2"], "white space before the section");
    let first = Update::of(&file).set(0, "<< >>").append();
    assert!(!rules(&first).is_empty());
}

#[test]
fn definitions_that_only_a_rebuilding_reader_finds() {
    let file = archived();
    let page = "10 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n";
    let comment = Update::of(&file).raw(b"% 10 0 obj << >> endobj\n").append();
    expect_alone(&comment, &["X6"]);
    for between in [&b"% hello\n"[..], b" \n\0%\r", b"%\xe2\xe3\xcf\xd3\n"] {
        expect_alone(&Update::of(&file).raw(between).append(), &["X6"]);
    }
    assert_eq!(rules(&Update::of(&file).set(40, "<< >>").raw(b"% hello\n").append()), [""; 0], "behind an object");
    let text = Update::of(&file).set(13, "<< /Title (10 0 obj << >> endobj) >>").append();
    expect_alone(&text, &["X6"]);
    let stream = format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len());
    let orphan = Update::of(&file).set(60, &stream).append();
    expect_alone(&orphan, &["X6"]);
    let trailer = Update::of(&file).raw(b"% trailer << /Root 11 0 R >>\n").append();
    expect_alone(&trailer, &["X6"]);
    let hidden = ["10 0 %c\nobj << >> endobj\n", "10%c\r%d\r\n0%\nobj << >> endobj\n", "10 0obj << >> endobj\n"];
    for text in hidden.into_iter().chain(["trailer %c\n<< /Root 11 0 R >>\n", "trailer%\n%trailer\n << >>\n"]) {
        let text = format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
        expect_alone(&Update::of(&file).set(60, &text).append(), &["X6"]);
    }
    let harmless = Update::of(&file).set(13, "<< /Title (object of the trailer: obj 10 0) >>").append();
    assert_eq!(rules(&harmless), [""; 0]);
}

#[test]
fn what_the_seal_covers_is_told_if_it_has_one_reading() {
    let lab = Laboratory::new();
    let with = |old: &str, new: &str| lab.resealed(|pdf| crate::laboratory::overwrite(pdf, old, new));
    expect_told(&with("/Helvetica >>\nendobj", "/Helvetica >>\n      "), "X10");
    expect_told(&with("00000 n \n0", "00000 n\n 0"), "X4");
    expect_told(&with("/Size 15", "/Size 12"), "X4");
    expect_told(&with("/Length 42 ", "/Length 40 "), "X9");
    expect_told(&with("/Names 12 0 R", "/Pages 2 0 R "), "X9");
    let two = with("/Names 12 0 R", "/Pages 3 0 R ");
    assert_eq!((rules(&two), strict(&two)), (vec!["X9"], vec!["X9"]));
    let elsewhere = with("\n9 0 obj", "\n8 0 obj");
    assert!(rules(&elsewhere).contains(&"X4"), "an object that can be reached is not where it should be");
}

#[test]
fn an_object_defined_twice_in_the_sealed_revision() {
    let lab = Laboratory::new();
    let own = Update::of(&unsealed()).text(11);
    let before = |hidden: &str| {
        let update = Update::of(&unsealed()).set(11, &own).raw(hidden.as_bytes()).append();
        lab.seal_in(&update, "Seal", true)
    };
    let other = before("11 0 obj\n<< /Type /Font /BaseFont /ZapfDingbats >>\nendobj\n");
    assert_eq!((rules(&other), strict(&other)), (vec!["X9"], vec!["X9"]));
    expect_told(&before(&format!("11 0 obj\n{own}\nendobj\n")), "X9");
    assert_eq!(rules(&before("70 0 obj\n<< >>\nendobj\n")), [""; 0], "leftovers under other numbers");
    let commented = "11 0 %c\nobj\n<< /Type /Font /BaseFont /ZapfDingbats >>\nendobj\n";
    assert_eq!(rules(&before(commented)), ["X9"], "comments between the tokens hide nothing");
    let decoys = "70 0 obj\n<< >>\nendobj\n".repeat(9) + &format!("11 0 obj\n{own}\nendobj\n").repeat(9);
    let behind = before(&(decoys + "11 0 obj\n<< /Type /Font /BaseFont /ZapfDingbats >>\nendobj\n"));
    assert_eq!(rules(&behind), ["X9"], "others before it hide nothing");
    let later = Update::of(&unsealed()).set(70, "<< >>").raw(b"11 0 obj\n<< /Type /Font >>\nendobj\n").append();
    assert_eq!(rules(&lab.seal_in(&later, "Seal", true)), ["X9"], "listed in an earlier revision");
}

#[test]
fn words_of_file_structure_in_a_security_store_are_told() {
    let named = Laboratory::new().root.issue("endobj xref", crate::support::seal_extensions(), |_| {});
    let der = named.certificate.der();
    let file = sealed();
    let mut body = format!("<< /Length {} >>\nstream\n", der.len()).into_bytes();
    body.extend(der);
    body.extend(b"\nendstream");
    let forged =
        Update::of(&file).edit(1, "/Pages 2 0 R", "/Pages 2 0 R /DSS << /Certs [90 0 R] >>").binary(90, &body).append();
    assert_eq!(rules(&forged), [""; 0]);
    assert!(told(&forged).contains(&"M6"));
}

#[test]
fn later_tables_that_are_written_loosely() {
    let file = archived();
    let plain = Update::of(&file).set(40, "<< >>").append();
    let table = file.len() + find(&plain[file.len()..], b"xref\n40");
    let (before, section) = (&plain[..table], std::str::from_utf8(&plain[table..]).unwrap());
    let written = |old: &str, new: &str| {
        assert!(section.contains(old), "{section}");
        rules(&[before, section.replacen(old, new, 1).as_bytes()].concat())
    };
    for (old, new) in [("xref\n", "xref \r\n"), ("40 1\n", "40 1 \n"), ("40 1\n", "40 1\r"), ("trailer\n", "trailer ")]
    {
        assert_eq!(written(old, new), [""; 0], "{new:?}");
    }
    for (old, new) in [
        ("xref\n", "xref\n%hi\n"),
        ("xref\n", "xref%hi\n"),
        ("xref\n", "xref\n\n"),
        ("xref\n", "xref "),
        ("xref\n", "xref\n0 0\n"),
        ("xref\n", "xref\n7 0\n"),
        ("40 1\n", "40  1\n"),
        ("40 1\n", "40\n1\n"),
        ("40 1\n", "40 1  \n"),
        ("40 1\n", "40 1\n\n"),
        ("40 1\n", "40 1 "),
        ("40 1\n", "000000000040 1\n"),
        ("trailer\n", "9999999 0\ntrailer\n"),
        ("trailer\n", "\ntrailer\n"),
        ("trailer\n", "%hi\ntrailer\n"),
        ("trailer\n", "trailer %hi\n"),
    ] {
        assert_eq!(written(old, new), ["X4"], "{new:?}");
    }
    let lab = Laboratory::new();
    expect_told(&lab.resealed(|pdf| crate::laboratory::overwrite(pdf, "xref\n0 15\n", "xref\n0\t15\n")), "X4");
}

/// A linearized page (annex F) whose dictionary says that the file has this length; something may stand before the
/// cross-references of the first page.
fn linearized(length: usize, between: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>",
    ];
    let mut file =
        format!("%PDF-1.7\n4 0 obj\n<< /Linearized 1 /L {length:010} /H [0 0] /O 3 /E 0 /N 1 /T 0 >>\nendobj\n");
    let dictionary = 9;
    file.push_str(between);
    let first = file.len();
    let table = "xref\n1 4\n".len() + 4 * 20;
    let trailer = |main: usize| {
        let id = "<00112233445566778899aabbccddeeff>";
        format!("trailer\n<< /Size 5 /Root 1 0 R /Prev {main:06} /ID [{id} {id}] >>\nstartxref\n0\n%%EOF\n")
    };
    let mut place = first + table + trailer(0).len();
    let mut offsets = Vec::new();
    let mut body = String::new();
    for (number, object) in (1..).zip(objects) {
        let object = format!("{number} 0 obj\n{object}\nendobj\n");
        offsets.push(place);
        place += object.len();
        body.push_str(&object);
    }
    offsets.push(dictionary);
    let entries: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    file.push_str(&format!("xref\n1 4\n{entries}{}{body}", trailer(place)));
    file.push_str(&format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 5 >>\nstartxref\n{first}\n%%EOF\n"));
    file.into_bytes()
}

#[test]
fn updates_that_readers_of_linearized_files_pass_over() {
    let lab = Laboratory::new();
    let own = linearized(0, "").len();
    let made = |length: usize| lab.stamped(&lab.stored(&lab.seal_in(&linearized(length, ""), "Seal", true)));
    let padded = |length: usize, end: usize| {
        let file = made(length);
        let number = Update::of(&file).size();
        let plain = Update::of(&file).set(number, "<<  >>").append().len();
        Update::of(&file).set(number, &format!("<< {} >>", " ".repeat(end - plain))).append()
    };
    const END: usize = 60_000;
    assert_eq!(padded(END, END).len(), END);
    for (length, end) in [(own, END), (END - 2, END), (END + 1, END), (0, END)] {
        assert_eq!(rules(&padded(length, end)), [""; 0], "{length} of {end}");
    }
    expect_alone(&padded(END, END), &["X2"]);
    let sealed = lab.seal_in(&linearized(0, ""), "Seal", true).len();
    let hidden_by_itself = lab.seal_in(&linearized(sealed, ""), "Seal", true);
    assert_eq!((rules(&hidden_by_itself), strict(&hidden_by_itself)), (vec!["X2"], vec!["X2"]));
    let mut real = padded(END, END);
    let place = find(&real, b"/L 00000");
    real[place..place + 14].copy_from_slice(b"/#4c%\n60000.0 ");
    assert!(rules(&real).contains(&"X2"), "{:?}", rules(&real));
}

#[test]
fn a_linearized_file_whose_end_leads_elsewhere_is_not_sealed() {
    let kinds = |file: &[u8]| {
        let document = pades::Document::parse(file).unwrap();
        document.irregularities().iter().map(|one| (one.departure, one.readings)).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&linearized(linearized(0, "").len(), "")), []);
    let decoy = "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\n";
    let length = linearized(0, decoy).len();
    let two = (pades::Departure::Linearization, pades::Readings::Two);
    assert_eq!(kinds(&linearized(length, decoy)), [two]);
    assert_eq!(kinds(&linearized(length + 1, decoy)), [], "no reader takes it for linearized");
}

#[test]
fn objects_that_the_sealed_bytes_define_and_take_away() {
    let lab = Laboratory::new();
    let seal = |pdf: &[u8]| lab.seal_in(pdf, "Seal", true);
    let file = unsealed();
    for number in [10, 11, 12] {
        let sealed = seal(&Update::of(&file).free(number).append());
        assert_eq!((rules(&sealed), strict(&sealed)), (vec!["X4"], vec!["X4"]), "{number}");
        assert!(rules(&lab.stored(&sealed)).contains(&"X4"));
    }
    let nothing_leads_there = Update::of(&file).set(50, "<< >>").append();
    assert_eq!(rules(&seal(&Update::of(&nothing_leads_there).free(50).append())), [""; 0]);
    let inside = Update::of(&file).edit(3, "10 0 R", "[10 0 R 50 0 R]").append_stream(&[(50, "<< >>")], "");
    assert_eq!(rules(&seal(&inside)), [""; 0]);
    assert_eq!(rules(&seal(&Update::of(&inside).free(50).append())), ["X4"]);
    let nowhere = seal(&StreamUpdate::of(&file, 60).record(10, 1, 0, 0).append());
    assert!(rules(&nowhere).contains(&"X4"), "an entry that reads as null: {:?}", rules(&nowhere));
}

#[test]
fn objects_that_the_sealed_bytes_define_where_no_cross_reference_leads() {
    let lab = Laboratory::new();
    let seal = |update: Update<'_>| lab.seal_in(&update.append(), "Seal", true);
    let file = unsealed();
    let dangling = || Update::of(&file).edit(3, "10 0 R", "[10 0 R 50 0 R]");
    const HIDDEN: &str = "50 0 obj\n<< /Length 3 >>\nstream\nq Q\nendstream\nendobj\n";
    assert_eq!(rules(&seal(dangling())), [""; 0], "what is nowhere reads as null");
    let outside = seal(dangling().raw(HIDDEN.as_bytes()));
    assert_eq!((rules(&outside), strict(&outside)), (vec!["X9"], vec!["X9"]));
    let far = HIDDEN.replacen("50 0 obj", &format!("50{}0\0{}obj", " ".repeat(70), "\n".repeat(5000)), 1);
    assert_eq!(rules(&seal(dangling().raw(far.as_bytes()))), ["X9"], "however far apart its words are");
    let comment = seal(dangling().raw(b"% 50 3 obj << >> endobj\n"));
    assert_eq!(rules(&comment), ["X9"]);
    let stream = format!("<< /Length {} >>\nstream\n{HIDDEN}\nendstream", HIDDEN.len());
    expect_told(&seal(dangling().set(51, &stream)), "X9");
    assert_eq!(rules(&seal(Update::of(&file).raw(HIDDEN.as_bytes()))), [""; 0], "nothing refers to it");
    let other = HIDDEN.replacen("50", "52", 1);
    assert_eq!(rules(&seal(dangling().raw(other.as_bytes()))), [""; 0]);
}

#[test]
fn references_to_another_generation_of_an_object() {
    let lab = Laboratory::new();
    let seal = |update: Update<'_>| lab.seal_in(&update.append(), "Seal", true);
    let file = unsealed();
    let with = |reference: &str| Update::of(&file).edit(3, "10 0 R", &format!("[10 0 R {reference}]"));
    let content = "<< /Length 3 >>\nstream\nq Q\nendstream";
    assert_eq!(rules(&seal(with("50 3 R").set_generation(50, 3, content))), [""; 0]);
    for (reference, generation) in [("50 3 R", 0), ("50 0 R", 3), ("50 1 R", 2)] {
        let sealed = seal(with(reference).set_generation(50, generation, content));
        assert_eq!((rules(&sealed), strict(&sealed)), (vec!["X4"], vec!["X4"]), "{reference} to {generation}");
    }
    let unreachable = Update::of(&file).set(50, content).set(51, "<< /A 50 3 R >>");
    assert_eq!(rules(&seal(unreachable)), [""; 0]);
}

/// A cross-reference stream with /XRefStm: some readers follow it, others rebuild the file, and then they find whatever object
/// streams hold, listed or not.
#[test]
fn x3_a_hybrid_entry_in_a_cross_reference_stream() {
    for file in [archived(), in_streams(&archived())] {
        let own = Update::of(&file).size();
        for entry in ["/XRefStm 100", "/XRefStm -1", "/XRefStm 1.5", "/XRefStm null", "/XRefStm (x)", "/XRefSt#6d 100"]
        {
            expect_alone(&StreamUpdate::of(&file, own).extra(entry).append(), &["X3"]);
        }
    }
}

/// Data of cross-references that lie in another file: readers read the file, or what stands here.
#[test]
fn x2_cross_references_from_another_file() {
    let file = archived();
    for entry in ["/F (other.bin)", "/FFilter /FlateDecode", "/FDecodeParms << >>"] {
        let forged = StreamUpdate::of(&file, Update::of(&file).size()).extra(entry).append();
        let found = formats(&forged);
        assert!(!found.is_empty() && found.iter().all(|format| !format.conclusion.is_passed()), "{entry}");
    }
}

/// An object of the sealed revision once more, in an object stream of which the cross-references list something else.
#[test]
fn x5_an_object_stream_holds_what_nothing_lists() {
    let file = archived();
    let free = Update::of(&file).size();
    let inside = format!("3 0 {} 6 << >>  << /A 1 >>", free + 1);
    let first = inside.find("<<").unwrap();
    let stream =
        format!("<< /Type /ObjStm /N 2 /First {first} /Length {} >>\nstream\n{inside}\nendstream", inside.len());
    let update = StreamUpdate::of(&file, free + 2).object(free, &stream);
    expect_alone(&update.record(free + 1, 2, free as usize, 1).append(), &["X5"]);
    let other_place = StreamUpdate::of(&file, free + 2).object(free, &stream).record(free + 1, 2, free as usize, 0); // where 3 lies
    assert!(rules(&other_place.append()).contains(&"X5"));
}

/// A file whose last revision, an empty one, has a cross-reference stream.
fn in_streams(file: &[u8]) -> Vec<u8> {
    StreamUpdate::of(file, Update::of(file).size()).append()
}
