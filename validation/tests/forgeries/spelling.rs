//! Rules X9 and M15: names that readers spell in different ways, and keys that no trailer has.

use pades::{Document, Placement, SealKind};

use crate::laboratory::{Laboratory, archived, expect_told, formats, rules, sealed, strict, unsealed};
use crate::stream_update::StreamUpdate;
use crate::support::at;
use crate::update::Update;

/// The same file with a text of ASCII replaced by as many octets, the last time that it is there.
fn respelled(mut file: Vec<u8>, old: &str, new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let place = file.windows(old.len()).rposition(|window| window == old.as_bytes()).unwrap();
    file[place..place + new.len()].copy_from_slice(new);
    file
}

/// How readers that cut names short, or read half an escape, come to another key.
const SUFFIXES: [&[u8]; 5] = [b"#00", b"#0z", b"#0O", b"\x80\x80\x80", b"\xff\xff\xff"];

#[test]
fn a_key_of_a_later_trailer_that_some_readers_take_for_another() {
    for file in [sealed(), archived()] {
        let free = Update::of(&file).size();
        for suffix in SUFFIXES {
            for (key, value) in [("XRefStm", "1234"), ("Encrypt", "<< /Filter /Standard /V 1 /R 2 /P -4 >>")] {
                let plain = format!("{key}@@@");
                let name = [key.as_bytes(), suffix].concat();
                let table = Update::of(&file).trailer(&plain, value).append();
                let stream = StreamUpdate::of(&file, free).extra(&format!("/{plain} {value}")).append();
                for forged in [table, stream] {
                    let found = rules(&respelled(forged, &plain, &name));
                    assert_eq!(found, ["X9", "M15"], "{}", name.escape_ascii());
                }
            }
        }
        let half = StreamUpdate::of(&file, free).extra("/#5zrev 17").append();
        assert!(rules(&half).contains(&"X9"), "half an escape");
    }
}

#[test]
fn a_later_trailer_has_the_keys_of_the_standard_and_of_known_writers() {
    for file in [sealed(), archived()] {
        let free = Update::of(&file).size();
        for key in ["Foo 1234", "XRefStm2 1234", "Foo null /Bar (x)"] {
            assert_eq!(rules(&StreamUpdate::of(&file, free).extra(&format!("/{key}")).append()), ["M15"], "{key}");
        }
        for keys in ["/DocChecksum /0123456789ABCDEF", "/AdditionalStreams []", "/DecodeParms null", "/Foo null"] {
            assert_eq!(rules(&StreamUpdate::of(&file, free).extra(keys).append()), [""; 0], "{keys}");
        }
    }
}

#[test]
fn keys_that_the_first_trailer_has_may_stay() {
    let lab = Laboratory::new();
    let own = Update::of(&unsealed()).trailer("Foo", "(of the writer)").append();
    let file = lab.stored(&lab.seal_in(&own, "Seal", true));
    assert_eq!(rules(&file), [""; 0]);
    let changed = Update::of(&file).trailer("Foo", "(of somebody else)").append();
    assert_eq!(rules(&changed), ["M15"]);
}

/// The page with one entry more, before it is sealed.
fn page_with(entry: &[u8]) -> Vec<u8> {
    let room = "@".repeat(entry.len());
    let file = Update::of(&unsealed()).edit(3, "/MediaBox", &format!("{room} /MediaBox")).append();
    respelled(file, &room, entry)
}

/// Sealed by somebody who does not ask how names are spelled: an entry that is put in the place of another one.
fn sealed_with(entry: &[u8]) -> Vec<u8> {
    let placeholder = format!("/Comment ({})", "x".repeat(entry.len()));
    let file = Update::of(&unsealed()).edit(12, "/Dests", &format!("{placeholder} /Dests")).append();
    let sealed = Laboratory::new().seal_in(&file, "Seal", true);
    let blank = [entry, " ".repeat(placeholder.len() - entry.len()).as_bytes()].concat();
    resealed(&respelled(sealed, &placeholder, &blank))
}

fn resealed(file: &[u8]) -> Vec<u8> {
    Laboratory::new().resealed(|pdf| *pdf = file.to_vec())
}

#[test]
fn names_that_two_readers_spell_in_two_ways_in_the_sealed_bytes() {
    for suffix in SUFFIXES {
        let entry = [b"/Filter", suffix, b" /ASCIIHexDecode"].concat();
        let file = sealed_with(&entry);
        assert_eq!((rules(&file), strict(&file)), (vec!["X9"], vec!["X9"]), "{}", entry.escape_ascii());
    }
    for entry in
        [&b"/Type /XObject#00"[..], b"/Filter /#46lateDecode\x80", b"/A [/B#4 /C]", b"/A << /B << /C#00 1 >> >>"]
    {
        assert_eq!(rules(&sealed_with(entry)), ["X9"], "{}", entry.escape_ascii());
    }
}

#[test]
fn names_in_other_scripts_are_sealed_and_pass() {
    let japanese = [
        &b"/BaseFont /\x82\x6c\x82\x72\x96\xbe\x92\xa9"[..],
        "/BaseFont /明朝".as_bytes(),
        b"/#83#80 /A#20B#2FC#23",
        b"/BaseFont /#82#6c#82#72#83#80#ff",
    ];
    for entry in japanese {
        let file = sealed_with(entry);
        assert_eq!((rules(&file), strict(&file)), (vec![""; 0], vec![]), "{}", entry.escape_ascii());
    }
    for entry in [&b"/BaseFont /Euro\x80"[..], b"/BaseFont /\x83\x80", b"/Name /\x83\x80\xff"] {
        expect_told(&sealed_with(entry), "X9");
    }
}

#[test]
fn a_file_whose_names_have_two_readings_is_not_sealed() {
    let kind = || SealKind::Seal { at: at(), name: None, reason: None, location: None };
    for suffix in SUFFIXES {
        let file = page_with(&[b"/Contents", suffix, b" 11 0 R"].concat());
        for kind in [kind(), SealKind::DocumentTimeStamp] {
            let refused = pades::prepare(
                &Document::parse(file.as_slice()).unwrap(),
                Placement::NewInvisible { name: None },
                kind,
                6000,
            );
            assert!(matches!(refused, Err(pades::Error::TwoReadings { .. })), "{}", suffix.escape_ascii());
        }
    }
    let honest = page_with("/明朝#20 /A#23".as_bytes());
    let sealed = Laboratory::new().seal_in(&honest, "Seal", true);
    assert!(formats(&sealed)[0].conclusion.is_passed());
}
