//! How large what is sent to a page may be.

/// The largest PDF that is judged.
pub(crate) const LARGEST_PDF: usize = 128 << 20;

/// The largest form with such a file.
pub(crate) const LARGEST_FORM: u64 = (128 << 20) + (64 << 10);
