//! Limits against resource attacks. In: nothing. Out: the numbers that every reader in this crate obeys.

/// Upper bounds for reading one document; [`Limits::default`] suits files of any honest origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and dictionaries inside one another.
    pub nesting: usize,
    /// Elements and entries in one indirect object, all levels together.
    pub elements: usize,
    /// Cross-reference entries over all revisions; less in a small file, see `Limits::for_file`.
    pub entries: usize,
    /// Revisions (cross-reference sections along /Prev).
    pub revisions: usize,
    /// Bytes of one decoded stream.
    pub decoded_stream: usize,
    /// Bytes of all decoded object streams together.
    pub decoded_total: usize,
    /// Nodes visited in one tree: form fields, pages, structure.
    pub tree_nodes: usize,
    /// Nodes of form fields and pages visited for one document, all revisions together.
    pub nodes_total: usize,
    /// Fields in the form, with all levels.
    pub form_fields: usize,
    /// Bytes of a fully qualified field name.
    pub field_name: usize,
    /// Bytes of syntax parsed for one document, all look-ups together; less for a small file, see `Limits::for_file`.
    pub parsed_total: usize,
    /// References that lead to references.
    pub reference_chain: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            nesting: 100,             // structure trees nest through references; direct nesting stays below ten
            elements: 2_000_000,      // a flat parent tree of a very large tagged book
            entries: 8_388_607,       // indirect objects in a file, ISO 32000-1 annex C
            revisions: 1_024,         // an archive renewed every month for 85 years
            decoded_stream: 64 << 20, // object streams hold some thousand small objects; a large CRL has 40 MB
            decoded_total: 512 << 20, // one machine's share for one question
            tree_nodes: 1_000_000,    // the largest books have some ten thousand pages
            nodes_total: 4_000_000,   // a form of a thousand fields over all revisions of a long-lived archive
            form_fields: 100_000,     // tax forms have some thousand
            field_name: 1_024,        // ISO 32000-1 annex C allows 127 bytes a name
            parsed_total: 4 << 30,    // 16 times the largest file that is accepted
            reference_chain: 16,      // one is usual
        }
    }
}

impl Limits {
    /// The same limits for a file of `length` bytes: what it may cost grows with what it really has.
    pub(crate) fn for_file(self, length: usize) -> Limits {
        let times = |factor: usize, beyond: usize| length.saturating_mul(factor).saturating_add(beyond);
        Limits {
            entries: self.entries.min(times(1, 1 << 16)), // a record takes a byte at least, unless it says nothing
            decoded_total: self.decoded_total.min(times(16, 32 << 20)), // whole files shrink to a fifth
            parsed_total: self.parsed_total.min(times(16, 64 << 20)), // each object some times, small files often
            nodes_total: self.nodes_total.min(times(1, 1 << 18)), // a node takes some bytes
            ..self
        }
    }
}

/// The greatest number of bytes that `encoded` bytes of a stream may become. Text and object streams grow to ten times their
/// length, repetitive ones to a hundred times.
pub(crate) fn decoded_at_most(encoded: usize) -> usize {
    encoded.saturating_mul(256).saturating_add(64 << 10)
}
