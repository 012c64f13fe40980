//! Limits against resource attacks (rule X10). In: nothing. Out: the numbers that every reader in this crate obeys.

/// Upper bounds for reading one document; [`Limits::default`] suits files of any honest origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and dictionaries inside one another.
    pub nesting: usize,
    /// Elements and entries in one indirect object, all levels together.
    pub elements: usize,
    /// Cross-reference entries over all revisions.
    pub entries: usize,
    /// Revisions (cross-reference sections along /Prev).
    pub revisions: usize,
    /// Bytes of one decoded stream.
    pub decoded_stream: usize,
    /// Bytes of all decoded object streams together.
    pub decoded_total: usize,
    /// Nodes visited in one tree: form fields, pages, structure.
    pub tree_nodes: usize,
    /// Fields in the form, with all levels.
    pub form_fields: usize,
    /// Bytes of a fully qualified field name.
    pub field_name: usize,
    /// Bytes of syntax parsed for one document, all look-ups together, beyond 16 times its length.
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
            form_fields: 100_000,     // tax forms have some thousand
            field_name: 1_024,        // ISO 32000-1 annex C allows 127 bytes a name
            parsed_total: 1 << 30,    // stops a file that refers to one large object a million times
            reference_chain: 16,      // one is usual
        }
    }
}
