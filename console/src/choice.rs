//! One of several that can be chosen in a form.

/// One of several.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

impl Choice {
    /// The choice of that value; `wanted` is what the address asks for.
    pub(crate) fn new(value: impl Into<String>, name: impl Into<String>, wanted: Option<&str>) -> Choice {
        let value = value.into();
        Choice { chosen: wanted == Some(&value), name: name.into(), value }
    }
}
