//! What a seal should be: where it goes, how much proof it carries, why it is made, how its result is checked.

use pades::{Permission, Placement};
use world::text::is_printable;

use crate::level::Level;

/// The longest reason for a seal, in characters: viewers show it on one line.
const LONGEST_REASON: usize = 500;

/// Checks the reason for a seal, which viewers show beside it: 1 to 500 characters on one line, none of them hidden.
///
/// # Errors
/// The rule that does not hold, and what was found.
pub fn check_reason(reason: &str) -> Result<(), String> {
    let length = reason.chars().count();
    if !(1..=LONGEST_REASON).contains(&length) {
        return Err(format!("reason: wanted 1 to {LONGEST_REASON} characters that say why, found {length}"));
    }
    match reason.chars().find(|character| !is_printable(*character)) {
        Some(hidden) => {
            let found = u32::from(hidden);
            Err(format!("reason: wanted no control, format or private use characters, found U+{found:04X}"))
        }
        None => Ok(()),
    }
}

/// What a seal should be.
#[derive(Clone, Debug)]
pub struct SealOptions<'a> {
    /// Where it goes.
    pub placement: Placement<'a>,
    /// How much proof the file shall carry.
    pub level: Level,
    /// The CSC credential that seals.
    pub credential: &'a str,
    /// Why, for the signature dictionary.
    pub reason: Option<&'a str>,
    /// What may change after it, if it is to be a certification: the first signature of a file.
    pub certify: Option<Permission>,
    /// Whose file it is.
    pub source: Source,
    /// Whether earlier seals may suffer.
    pub earlier_seals: EarlierSeals,
}

/// Whose file is sealed: how strictly the result is checked before it is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Rendered here: nothing in it may depart from the standard.
    Rendered,
    /// Somebody else's: what it writes oddly is covered by the seal, and told.
    Stranger,
}

/// What becomes of seals that the file has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierSeals {
    /// None may be worse off than before.
    MustStand,
    /// One may be, and it is told.
    MayBreak,
}

#[cfg(test)]
mod tests {
    use super::check_reason;

    #[test]
    fn a_reason_is_a_short_line_in_which_nothing_hides() {
        for reason in ["在学証明", "a b", &"x".repeat(500)] {
            check_reason(reason).unwrap();
        }
        for reason in ["", "a\nb", "a\u{1b}b", "a\u{202e}b", "a\u{200b}b", &"x".repeat(501)] {
            assert!(check_reason(reason).unwrap_err().starts_with("reason: wanted "), "{reason:?}");
        }
    }
}
