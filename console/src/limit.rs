//! How large what is sent to a page may be.

/// The largest PDF that is judged.
pub(crate) const LARGEST_PDF: usize = 128 << 20;

/// The largest form with such a file.
pub(crate) const LARGEST_FORM: u64 = (128 << 20) + (64 << 10);

/// The largest register.
pub(crate) const LARGEST_REGISTER: usize = 128 << 20;

/// The largest form with such a file, and a mapping beside it.
pub(crate) const LARGEST_REGISTER_FORM: u64 = (128 << 20) + (2 << 20);

/// The longest field that ends up in an address, in characters.
pub(crate) const LONGEST_FIELD: usize = 200;
