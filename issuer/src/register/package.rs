//! A look into a workbook before it is unpacked. In: the octets of a ZIP. Out: nothing, or why it is none that is read: a bomb, a workbook
//! of another kind.
//!
//! What the directory says of sizes is its writer's word: every part that would be read is unpacked once, counted and thrown away,
//! so that what is read afterwards has an end that is known.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::error::RegisterError;
use super::format::SAVE_AS_XLSX;
use super::words::{Words, both};

/// Parts of a package: a workbook of a hundred sheets with pictures has some hundred.
const MOST_PARTS: u64 = 10_000;

/// A sheet of a million rows of ten cells; the parts beside sheets are held in memory.
const MOST_OF_SHEETS: u64 = 1 << 30;
const MOST_OF_OTHERS: u64 = 128 << 20;

/// How many octets one may become, beyond what a small part may: sheets come to 5 to 60.
const HIGHEST_RATIO: u64 = 200;
const SMALL: u64 = 8 << 20;

/// The longest run without a tag: a cell of Excel holds 32,767 characters.
const LONGEST_TEXT: usize = 4 << 20;

/// Refuses what no register is.
pub(super) fn check(octets: &[u8]) -> Result<(), RegisterError> {
    let listed = check_directory(octets)?;
    let mut archive = ZipArchive::new(Cursor::new(octets)).map_err(|error| unpacked(&error))?;
    if archive.len() as u64 > MOST_PARTS {
        return Err(too_many_parts(archive.len() as u64));
    }
    check_names(&archive, listed)?;
    check_kind(&mut archive)?;
    let (mut of_sheets, mut of_others) = (0, 0);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| unpacked(&error))?;
        let name = part.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue; // a picture, which nobody unpacks
        }
        let is_sheet = name.contains("worksheets/");
        let (most, so_far) = if is_sheet { (MOST_OF_SHEETS, &mut of_sheets) } else { (MOST_OF_OTHERS, &mut of_others) };
        let packed = part.compressed_size().max(1);
        let counted = count(&mut part, &name, packed, most.saturating_sub(*so_far))?;
        *so_far += counted;
    }
    Ok(())
}

/// Unpacks a part and throws it away; gives its size.
fn count(part: &mut impl Read, name: &str, packed: u64, room: u64) -> Result<u64, RegisterError> {
    let (mut size, mut run, mut first) = (0_u64, 0_usize, Vec::new());
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = part
            .read(&mut buffer)
            .map_err(|error| damaged(both!("{name}: {error}", "部品 {name} を展開できません")))?;
        if read == 0 {
            break;
        }
        let piece = &buffer[..read];
        if first.len() < 4096 {
            first.extend_from_slice(&piece[..read.min(4096)]);
        }
        size += read as u64;
        if size > room {
            let wanted = both!("1 GiB of sheets and 128 MiB of the rest", "シートは 1 GiB、その他は 128 MiB まで");
            return Err(too_much(wanted, more_in(name)));
        }
        if size > SMALL && size / packed > HIGHEST_RATIO {
            let wanted = both!("at most {HIGHEST_RATIO} octets of one", "展開後の大きさは {HIGHEST_RATIO} 倍まで");
            return Err(too_much(wanted, more_in(name)));
        }
        run = longest_run(run, piece, name)?;
    }
    if name.ends_with("sharedstrings.xml") {
        check_announced(&first, size)?;
    }
    Ok(size)
}

/// How many octets there are since the last tag.
fn longest_run(before: usize, piece: &[u8], name: &str) -> Result<usize, RegisterError> {
    let mut run = before;
    for stretch in piece.split_inclusive(|octet| *octet == b'<') {
        run += stretch.len();
        if run > LONGEST_TEXT {
            return Err(too_much(both!("at most 4 MiB in a cell", "セルは 4 MiB まで"), more_in(name)));
        }
        if stretch.ends_with(b"<") {
            run = 0;
        }
    }
    Ok(run)
}

/// Room is made for as many texts as are announced: no more than the part has room for.
fn check_announced(first: &[u8], size: u64) -> Result<(), RegisterError> {
    let text = String::from_utf8_lossy(first);
    let announced = text.split("uniqueCount=").nth(1).map(|rest| rest.trim_start_matches(['"', '\'']));
    let digits: String = announced.unwrap_or("0").chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u64>() {
        Ok(count) if count <= size => Ok(()),
        _ => Err(too_much(
            both!("at most {size} texts in that part", "その部分の文字列は {size} 個まで"),
            both!("{digits} announced", "{digits} 個とあります"),
        )),
    }
}

/// The number of parts, before a list of them is made (APPNOTE 4.3.16). Of more than 65,535 it says 65,535.
fn check_directory(octets: &[u8]) -> Result<u64, RegisterError> {
    let tail = &octets[octets.len().saturating_sub(22 + 65_535)..];
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06");
    let count =
        end.and_then(|end| tail.get(end + 10..end + 12)).map(|count| u64::from(count[0]) | u64::from(count[1]) << 8);
    match count {
        Some(count) if count > MOST_PARTS => Err(too_many_parts(count)),
        Some(count) => Ok(count),
        None => Err(damaged(both!(
            "its end is lacking; was it copied to its end?",
            "末尾がありません。最後までコピーされていますか"
        ))),
    }
}

/// Refuses parts of one name, of which one program reads the first and another the last. Capitals do not count (ECMA-376 part 2, clause
/// 6.2.2.3).
fn check_names(archive: &ZipArchive<Cursor<&[u8]>>, listed: u64) -> Result<(), RegisterError> {
    let mut names: Vec<String> = archive.file_names().flatten().map(|name| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|two| two[0] == two[1]).map(|two| two[0].clone());
    match twice {
        Some(name) => Err(damaged(both!("the part {name} is there twice", "部品 {name} が 2 つあります"))),
        // The list that the library makes has the last one of a name alone.
        None if archive.len() as u64 != listed => {
            Err(damaged(both!("it has two parts of one name", "同じ名前の部品が 2 つあります")))
        }
        None => Ok(()),
    }
}

fn check_kind(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), RegisterError> {
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.to_ascii_lowercase()).collect();
    let has = |part: &str| names.iter().any(|name| name == part);
    let kind = |found: Words| Err(RegisterError::Kind { found, advice: SAVE_AS_XLSX });
    if names.iter().any(|name| name.ends_with("workbook.bin")) {
        return kind(both!("a binary workbook (.xlsb)", "バイナリ形式のブック（.xlsb）"));
    }
    if has("content.xml") && has("mimetype") {
        return kind(both!("an OpenDocument file (.ods)", "OpenDocument のファイル（.ods）"));
    }
    if names.iter().any(|name| name.starts_with("word/")) {
        return kind(both!("a document of Word", "Word の文書"));
    }
    if names.iter().any(|name| name.starts_with("index/") && name.ends_with(".iwa")) {
        return kind(both!("a document of Numbers", "Numbers の書類"));
    }
    if !has("[content_types].xml") {
        return kind(both!("a ZIP, but no workbook", "ZIP ですが、ブックではないもの"));
    }
    Ok(())
}

fn too_many_parts(found: u64) -> RegisterError {
    too_much(
        both!("{MOST_PARTS} parts", "部品は {MOST_PARTS} 個まで"),
        both!("{found} parts or more", "{found} 個以上"),
    )
}

fn more_in(name: &str) -> Words {
    both!("more, in {name}", "{name} が超えています")
}

fn damaged(Words { en, ja }: Words) -> RegisterError {
    RegisterError::Workbook { problem: both!("it is damaged: {en}", "壊れています（{ja}）") }
}

/// What the library for ZIP says, in its words.
fn unpacked(error: &impl std::fmt::Display) -> RegisterError {
    damaged(both!("{error}", "ZIP として読み取れません"))
}

fn too_much(wanted: Words, found: Words) -> RegisterError {
    RegisterError::TooMuch { wanted, found }
}
