//! The parts of a workbook, ISO/IEC 29500-2 clause 9: which of them is a sheet. In: a ZIP, the place of a sheet in the workbook. Out: the
//! name of its part, and the XML that is in it.

use std::io::{BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

/// What stands in a part.
pub(super) type Markup<'a, S> = Reader<BufReader<ZipFile<'a, S>>>;

/// The name of the part that holds a sheet, which is at that place of the workbook, from 0.
pub(super) fn of_sheet<S: Read + Seek>(archive: &mut ZipArchive<S>, place: usize) -> Option<String> {
    let package = elements(archive, "_rels/.rels", "Relationship")?;
    let workbook = package.iter().rfind(|one| value(one, "Type").ends_with("/relationships/officeDocument"))?;
    let workbook = value(workbook, "Target").trim_start_matches('/').to_owned();
    let name = workbook.rsplit('/').next()?;
    let folder = &workbook[..workbook.len() - name.len()];
    let sheets = elements(archive, &workbook, "sheet")?;
    let id = value(sheets.get(place)?, "id");
    let relations = elements(archive, &format!("{folder}_rels/{name}.rels"), "Relationship")?;
    let target = value(relations.iter().rfind(|one| value(one, "Id") == id)?, "Target");
    Some(target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned))
}

/// The XML of a part, whose name is found in any case; none if there is no such part.
pub(super) fn open<'a, S: Read + Seek>(archive: &'a mut ZipArchive<S>, part: &str) -> Option<Markup<'a, S>> {
    let same = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(part);
    let name = archive.file_names().flatten().find(|name| same(name))?.into_owned();
    let mut markup = Reader::from_reader(BufReader::new(archive.by_name(&name).ok()?));
    let config = markup.config_mut();
    // As the reader of its cells has it: what breaks it off breaks this off.
    (config.check_end_names, config.expand_empty_elements) = (false, true);
    Some(markup)
}

/// The value of an attribute as it stands there.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element.try_get_attribute(name).ok().flatten().map(|attribute| attribute.value.into_owned())
}

/// Names, without what stands before their colons, and values.
type Attributes = Vec<(String, String)>;

/// The attributes of each element of that name.
fn elements<S: Read + Seek>(archive: &mut ZipArchive<S>, part: &str, name: &str) -> Option<Vec<Attributes>> {
    let mut markup = open(archive, part)?;
    let (mut buffer, mut found) = (Vec::new(), Vec::new());
    loop {
        buffer.clear();
        match markup.read_event_into(&mut buffer).ok()? {
            Event::Start(element) if element.local_name().as_ref() == name => {
                let mut attributes = element.attributes();
                let attributes = attributes.with_checks(false).flatten();
                let named = attributes.map(|one| (one.key.local_name().as_ref().to_owned(), one.value.into_owned()));
                found.push(named.collect());
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

fn value<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}
