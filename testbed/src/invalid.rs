//! That an argument cannot be used: what was wanted, what was found.

/// An argument that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct Invalid {
    /// The argument, or the value of the option.
    pub(crate) input: Option<String>,
    /// What was wanted, what was found.
    pub(crate) problem: String,
}

impl Invalid {
    pub(crate) fn new(input: &str, problem: impl ToString) -> Invalid {
        Invalid { input: Some(input.to_owned()), problem: problem.to_string() }
    }
}
