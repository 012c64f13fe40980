//! Incremental updates with a cross-reference stream as a forger writes it: any number, any records, any keys.

use pades::Document;

/// A revision whose cross-references are a stream.
pub(crate) struct StreamUpdate<'a> {
    pdf: &'a [u8],
    number: u32,
    listed: bool,
    objects: Vec<(u32, String)>,
    records: Vec<(u32, [u8; 7])>,
    widths: &'static str,
    index: Option<String>,
    size: Option<String>,
    leftover: Vec<u8>,
    extra: String,
    order: fn(&mut Vec<(u32, [u8; 7])>),
}

impl<'a> StreamUpdate<'a> {
    /// An update without objects, whose stream has this number and lists itself.
    pub(crate) fn of(pdf: &'a [u8], number: u32) -> StreamUpdate<'a> {
        let (objects, records, leftover) = (Vec::new(), Vec::new(), Vec::new());
        let (index, size, order) = (None, None, |records: &mut Vec<_>| records.sort());
        let (widths, extra) = ("1 4 2", String::new());
        StreamUpdate { pdf, number, listed: true, objects, records, widths, index, size, leftover, extra, order }
    }

    pub(crate) fn unlisted(mut self) -> StreamUpdate<'a> {
        self.listed = false;
        self
    }

    pub(crate) fn object(mut self, number: u32, body: &str) -> StreamUpdate<'a> {
        self.objects.push((number, body.to_owned()));
        self
    }

    /// A record of seven bytes: type, place, generation or index.
    pub(crate) fn record(mut self, number: u32, kind: u8, place: usize, last: u16) -> StreamUpdate<'a> {
        self.records.push((number, record(kind, place, last)));
        self
    }

    /// An object stream with one object in it.
    pub(crate) fn container(self, number: u32, inside: u32, body: &str) -> StreamUpdate<'a> {
        let head = format!("{inside} 0 ");
        let (first, length) = (head.len(), head.len() + body.len());
        let stream =
            format!("<< /Type /ObjStm /N 1 /First {first} /Length {length} >>\nstream\n{head}{body}\nendstream");
        self.object(number, &stream).record(inside, 2, number as usize, 0)
    }

    pub(crate) fn widths(mut self, widths: &'static str) -> StreamUpdate<'a> {
        self.widths = widths;
        self
    }

    pub(crate) fn index(mut self, index: &str) -> StreamUpdate<'a> {
        self.index = Some(index.to_owned());
        self
    }

    pub(crate) fn size(mut self, size: &str) -> StreamUpdate<'a> {
        self.size = Some(size.to_owned());
        self
    }

    pub(crate) fn leftover(mut self, bytes: &[u8]) -> StreamUpdate<'a> {
        self.leftover = bytes.to_vec();
        self
    }

    /// Further entries of the stream's dictionary.
    pub(crate) fn extra(mut self, entries: &str) -> StreamUpdate<'a> {
        self.extra = entries.to_owned();
        self
    }

    pub(crate) fn backwards(mut self) -> StreamUpdate<'a> {
        self.order = |records| {
            records.sort();
            records.reverse();
        };
        self
    }

    pub(crate) fn append(mut self) -> Vec<u8> {
        let document = Document::parse(self.pdf).unwrap();
        let last = document.last_revision();
        let mut bytes = self.pdf.to_vec();
        for (number, body) in &self.objects {
            self.records.push((*number, record(1, bytes.len(), 0)));
            bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        let startxref = bytes.len();
        if self.listed {
            self.records.push((self.number, record(1, startxref, 0)));
        }
        (self.order)(&mut self.records);
        let highest = self.records.iter().map(|(number, _)| *number).max().unwrap_or(0).max(self.number);
        let size = self.size.unwrap_or((last.size().unwrap() as u32).max(highest + 1).to_string());
        let own: Vec<String> = self.records.iter().map(|(number, _)| format!("{number} 1")).collect();
        let index = self.index.unwrap_or(own.join(" "));
        let pad = self.widths.split(' ').map(|width| width.parse::<usize>().unwrap()).collect::<Vec<_>>();
        let mut data: Vec<u8> = self.records.iter().flat_map(|(_, record)| widen(record, &pad)).collect();
        data.extend(&self.leftover);
        let kept = ["Root", "Info", "ID"].into_iter().filter_map(|key| {
            let value = String::from_utf8(pades::to_bytes(last.trailer.get(key)?)).unwrap();
            Some(format!("/{key} {value}"))
        });
        let kept = kept.collect::<Vec<_>>().join(" ");
        let (number, prev, widths, length, extra) = (self.number, last.startxref, self.widths, data.len(), self.extra);
        bytes.extend(
            format!(
                "{number} 0 obj\n<< /Type /XRef /Size {size} /Prev {prev} {kept} /W [{widths}] /Index [{index}] \
                 /Length {length} {extra} >>\nstream\n"
            )
            .bytes(),
        );
        bytes.extend(data);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{startxref}\n%%EOF\n").bytes());
        bytes
    }
}

fn record(kind: u8, place: usize, last: u16) -> [u8; 7] {
    let (place, last) = ((place as u32).to_be_bytes(), last.to_be_bytes());
    [kind, place[0], place[1], place[2], place[3], last[0], last[1]]
}

/// The same record in fields of other widths.
fn widen(record: &[u8; 7], widths: &[usize]) -> Vec<u8> {
    let fields = [&record[..1], &record[1..5], &record[5..]];
    let wide = fields.iter().zip(widths).flat_map(|(field, width)| {
        let mut bytes = vec![0; width.saturating_sub(field.len())];
        bytes.extend(&field[field.len().saturating_sub(*width)..]);
        bytes
    });
    wide.collect()
}
