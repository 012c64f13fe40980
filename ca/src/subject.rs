//! Who a certificate names: subject and issuer rules of EN 319 412-3 clause 4.2.1 and EN 319 412-2 clause 4.2.3.1, and the
//! label that keeps a testbed's certificates from being taken for real ones.
//!
//! In: the four attributes. Out: a distinguished name with each exactly once.

use pki::{CertificationRequest, Name};

use crate::organization_identifier::is_country;
use crate::{Error, OrganizationIdentifier};

/// `ub-organization-name` and `ub-common-name` of RFC 5280 appendix A.1, in characters.
pub(crate) const LONGEST_ATTRIBUTE: usize = 64;

/// The country of a subject that names none.
pub(crate) const HOME: &str = "JP";

const LABEL: &str = "TESTBED";
pub(crate) const DISCLAIMER: &str = "NOT QUALIFIED";

/// The organisation that a certificate names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Registered name. `TESTBED ` is put before it unless it stands somewhere in it.
    pub organization: String,
    /// For instance `NTRJP-9234567890123`.
    pub organization_identifier: String,
    /// Which seal, time-stamping unit or key of that organisation. Labelled like `organization`, and ` (NOT QUALIFIED)` is
    /// put after it unless it stands somewhere in it.
    pub common_name: String,
    /// Where the organisation is established: two capital letters.
    pub country: String,
}

impl Subject {
    /// What a certification request asks for; attributes that it lacks are empty, and refused as such later. Without a
    /// country it is Japan.
    pub(crate) fn of_request(request: &CertificationRequest) -> Subject {
        let name = request.subject();
        Subject {
            organization: name.organization().unwrap_or_default(),
            organization_identifier: name.organization_identifier().unwrap_or_default(),
            common_name: name.common_name().unwrap_or_default(),
            country: name.country().unwrap_or_else(|| HOME.to_owned()),
        }
    }

    /// The name that goes into the certificate.
    ///
    /// # Errors
    /// [`Error::Subject`] or [`Error::OrganizationIdentifier`] with the rule that does not hold.
    pub fn to_name(&self) -> Result<Name, Error> {
        let identifier = OrganizationIdentifier::parse(&self.organization_identifier)?.to_string();
        let organization = check("organization", labelled(&self.organization))?;
        let common_name = check("common_name", disclaimed(labelled(&self.common_name)))?;
        if self.organization.trim() == identifier {
            return Err(Error::Subject {
                attribute: "organization",
                expected: "the name of the organisation, not its identifier",
                found: organization,
            });
        }
        if !is_country(&self.country) {
            return Err(Error::Subject {
                attribute: "country",
                expected: "two capital letters (ISO 3166-1)",
                found: self.country.clone(),
            });
        }
        let name = Name::builder().country(&self.country).organization(&organization);
        Ok(name.organization_identifier(&identifier).common_name(&common_name).build())
    }
}

fn labelled(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.contains(LABEL) { text.to_owned() } else { format!("{LABEL} {text}") }
}

fn disclaimed(text: String) -> String {
    if text.is_empty() || text.contains(DISCLAIMER) { text } else { format!("{text} ({DISCLAIMER})") }
}

/// Whether anything is left without the testbed's own words.
fn names_somebody(value: &str) -> bool {
    let rest = value.replace(DISCLAIMER, "").replace(LABEL, "");
    rest.contains(|character: char| !character.is_whitespace() && !matches!(character, '(' | ')'))
}

fn check(attribute: &'static str, value: String) -> Result<String, Error> {
    let expected = if !names_somebody(&value) {
        "a name, not only the testbed's label"
    } else if value.chars().count() > LONGEST_ATTRIBUTE {
        "at most 64 characters with the testbed's label"
    } else if value.contains(world::text::is_hidden) {
        "no control characters, and none that are invisible or change the order of reading"
    } else {
        return Ok(value);
    };
    Err(Error::Subject { attribute, expected, found: value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            organization: "Example University".into(),
            organization_identifier: "NTRJP-9234567890123".into(),
            common_name: "Learning Platform Seal".into(),
            country: "JP".into(),
        }
    }

    #[test]
    fn every_name_says_that_it_belongs_to_a_testbed() {
        let name = subject().to_name().unwrap();
        assert_eq!(name.organization().unwrap(), "TESTBED Example University");
        assert_eq!(name.common_name().unwrap(), "TESTBED Learning Platform Seal (NOT QUALIFIED)");
        assert_eq!(name.organization_identifier().unwrap(), "NTRJP-9234567890123");
        assert_eq!(name.country().unwrap(), "JP");
    }

    #[test]
    fn a_label_that_is_there_is_not_repeated() {
        let organization = "試験大学 TESTBED".to_owned();
        let name = Subject { organization: organization.clone(), ..subject() }.to_name().unwrap();
        assert_eq!(name.organization().unwrap(), organization);
    }

    #[test]
    fn attributes_that_break_a_rule_are_refused_by_name() {
        let refused = |subject: Subject| subject.to_name().unwrap_err().to_string();
        assert!(refused(Subject { country: "Japan".into(), ..subject() }).starts_with("country: wanted two capital"));
        assert!(refused(Subject { organization: " ".into(), ..subject() }).starts_with("organization: wanted a name"));
        assert!(refused(Subject { common_name: "x".repeat(60), ..subject() }).contains("at most 64 characters"));
        assert!(refused(Subject { common_name: "a\nb".into(), ..subject() }).contains("no control characters"));
        for hidden in ["a\u{200b}", "\u{202e}cba", "a\u{2028}b", "\u{feff}", "\u{ad}"] {
            assert!(refused(Subject { common_name: hidden.into(), ..subject() }).contains("invisible"), "{hidden:?}");
        }
        for label in ["TESTBED", "(NOT QUALIFIED)", "TESTBED (NOT QUALIFIED)", "\u{3000}"] {
            assert!(refused(Subject { common_name: label.into(), ..subject() }).contains("wanted a name"), "{label}");
        }
        let identifier = "NTRJP-9234567890123";
        assert!(refused(Subject { organization: identifier.into(), ..subject() }).contains("not its identifier"));
        let wrong = Subject { organization_identifier: "NTRJP-1234567890123".into(), ..subject() };
        assert!(refused(wrong).contains("corporate number"));
    }
}
