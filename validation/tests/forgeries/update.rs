//! Incremental updates as a forger writes them: any object, any cross-references, any trailer.

use pades::{Document, Reference};

pub(crate) struct Update<'a> {
    pdf: &'a [u8],
    document: Document,
    objects: Vec<(u32, u16, Vec<u8>)>,
    freed: Vec<u32>,
    raw: Vec<u8>,
    trailer: Vec<(String, String)>,
}

impl<'a> Update<'a> {
    pub(crate) fn of(pdf: &'a [u8]) -> Update<'a> {
        let document = Document::parse(pdf).unwrap();
        Update { pdf, document, objects: Vec::new(), freed: Vec::new(), raw: Vec::new(), trailer: Vec::new() }
    }

    /// The next free object number.
    pub(crate) fn size(&self) -> u32 {
        self.document.last_revision().size().unwrap() as u32
    }

    pub(crate) fn set(self, number: u32, body: &str) -> Update<'a> {
        self.set_generation(number, 0, body)
    }

    pub(crate) fn set_generation(mut self, number: u32, generation: u16, body: &str) -> Update<'a> {
        self.objects.retain(|(known, known_generation, _)| (*known, *known_generation) != (number, generation));
        self.objects.push((number, generation, body.as_bytes().to_vec()));
        self
    }

    /// An object whose body is no text.
    pub(crate) fn binary(mut self, number: u32, body: &[u8]) -> Update<'a> {
        self.objects.push((number, 0, body.to_vec()));
        self
    }

    /// An object as it is now, or as this update has it, with one text replaced.
    pub(crate) fn edit(self, number: u32, old: &str, new: &str) -> Update<'a> {
        let pending = self.objects.iter().find(|(known, ..)| *known == number).map(|(_, _, body)| body.clone());
        let text = pending.map_or_else(|| self.text(number), |body| String::from_utf8(body).unwrap());
        assert!(text.contains(old), "{text}");
        self.set(number, &text.replacen(old, new, 1))
    }

    /// The text of an object as it is now.
    pub(crate) fn text(&self, number: u32) -> String {
        let located = self.document.latest().object(Reference { number, generation: 0 }).unwrap().unwrap();
        String::from_utf8(pades::to_bytes(&located.object)).unwrap()
    }

    pub(crate) fn free(mut self, number: u32) -> Update<'a> {
        self.freed.push(number);
        self
    }

    /// Bytes before the cross-references.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Update<'a> {
        self.raw.extend(bytes);
        self
    }

    /// A trailer entry added or replaced; an empty value removes it.
    pub(crate) fn trailer(mut self, key: &str, value: &str) -> Update<'a> {
        self.trailer.push((key.to_owned(), value.to_owned()));
        self
    }

    fn body(&self) -> (Vec<u8>, String) {
        let mut bytes = self.pdf.to_vec();
        let mut table = String::from("xref\n");
        for number in &self.freed {
            table.push_str(&format!("{number} 1\n0000000000 00001 f \n"));
        }
        let mut objects: Vec<_> = self.objects.iter().collect();
        objects.sort();
        for (number, generation, body) in objects {
            table.push_str(&format!("{number} 1\n{:010} {generation:05} n \n", bytes.len()));
            bytes.extend(format!("{number} {generation} obj\n").bytes());
            bytes.extend(body);
            bytes.extend(b"\nendobj\n");
        }
        bytes.extend(&self.raw);
        (bytes, table)
    }

    fn trailer_text(&self, extra: &str) -> String {
        let highest = self.objects.iter().map(|(number, ..)| number + 1).max().unwrap_or(0).max(self.size());
        let mut entries: Vec<(String, String)> = vec![
            ("Size".to_owned(), highest.to_string()),
            ("Prev".to_owned(), self.document.last_revision().startxref.to_string()),
        ];
        for key in ["Root", "Info", "ID"] {
            let value = self.document.last_revision().trailer.get(key).map(pades::to_bytes);
            entries.extend(value.map(|value| (key.to_owned(), String::from_utf8(value).unwrap())));
        }
        for (key, value) in &self.trailer {
            entries.retain(|(known, _)| known != key);
            entries.push((key.clone(), value.clone()));
        }
        let entries: Vec<String> = entries
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("/{key} {value}"))
            .collect();
        format!("<< {}{extra} >>", entries.join(" "))
    }

    /// The file with this revision, cross-references as a table.
    pub(crate) fn append(self) -> Vec<u8> {
        let (mut bytes, table) = self.body();
        let startxref = bytes.len();
        let trailer = self.trailer_text("");
        bytes.extend(format!("{table}trailer\n{trailer}\nstartxref\n{startxref}\n%%EOF\n").bytes());
        bytes
    }

    /// The same, with `compressed` objects in an object stream and cross-references as a stream.
    pub(crate) fn append_stream(self, compressed: &[(u32, &str)], extra: &str) -> Vec<u8> {
        let (mut head, mut data) = (String::new(), String::new());
        for (number, body) in compressed {
            head.push_str(&format!("{number} {} ", data.len()));
            data.push_str(&format!("{body} "));
        }
        let container = self.size();
        let (count, first, length) = (compressed.len(), head.len(), head.len() + data.len());
        let stream = format!(
            "<< /Type /ObjStm /N {count} /First {first} /Length {length}{extra} >>\nstream\n{head}{data}\nendstream"
        );
        let (mut bytes, _) = self.body();
        let mut records: Vec<(u32, [u8; 6])> = Vec::new();
        let entry = |offset: usize| {
            let offset = (offset as u32).to_be_bytes();
            [1, offset[1], offset[2], offset[3], 0, 0]
        };
        for (number, generation, body) in &self.objects {
            assert_eq!(*generation, 0);
            let place = super::laboratory::find(
                &bytes[self.pdf.len()..],
                &[format!("{number} 0 obj\n").as_bytes(), body].concat(),
            );
            records.push((*number, entry(self.pdf.len() + place)));
        }
        records.push((container, entry(bytes.len())));
        bytes.extend(format!("{container} 0 obj\n{stream}\nendobj\n").bytes());
        for (index, (number, _)) in compressed.iter().enumerate() {
            records.push((*number, [2, 0, 0, container as u8, 0, index as u8]));
        }
        let (startxref, own) = (bytes.len(), container + 1);
        records.push((own, entry(startxref)));
        records.sort();
        let size = records.last().unwrap().0 + 1;
        let index: Vec<String> = records.iter().map(|(number, _)| format!("{number} 1")).collect();
        let data: Vec<u8> = records.iter().flat_map(|(_, record)| *record).collect();
        let this = Update { trailer: self.trailer, ..Update::of(self.pdf) }.trailer("Size", &size.to_string());
        let (index, length) = (index.join(" "), data.len());
        let trailer = this.trailer_text(&format!(" /Type /XRef /W [1 3 2] /Index [{index}] /Length {length}"));
        bytes.extend(format!("{own} 0 obj\n{trailer}\nstream\n").bytes());
        bytes.extend(data);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{startxref}\n%%EOF\n").bytes());
        bytes
    }
}
