//! Name constraints, RFC 5280 §4.2.1.10 and §6.1.3 (b), (c), §6.1.4 (g). In: the constraints of the CAs of a path and the
//! names of a certificate below them. Out: nothing, or the name that is not allowed.
//!
//! Directory names, mail addresses, DNS names and URIs are compared. A name of another kind that a constraint speaks about
//! is not allowed, since what the constraint demands of it is not known here.

use super::Fault;
use crate::asn1::{self, Element, Reader, SEQUENCE, context, context_constructed};
use crate::certificate::Certificate;
use crate::name::Name;
use crate::{Error, oid};

/// Permitted and excluded subtrees of all CAs so far.
#[derive(Default)]
pub(super) struct NameConstraints {
    /// One list for each CA: a name must lie in a subtree of each list that has its kind.
    permitted: Vec<Vec<GeneralName>>,
    excluded: Vec<GeneralName>,
}

/// ```text
/// GeneralName ::= CHOICE {
///    otherName [0], rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3], directoryName [4] Name,
///    ediPartyName [5], uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING, registeredID [8] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
enum GeneralName {
    Mail(String),
    Dns(String),
    Directory(Name),
    Uri(String),
    /// By its tag number.
    Other(u8),
}

impl NameConstraints {
    /// Takes over what a CA demands of the names below it.
    pub(super) fn add(&mut self, ca: &Certificate) -> Result<(), Fault> {
        let Some(extension) = ca.extension(oid::NAME_CONSTRAINTS) else { return Ok(()) };
        let unreadable = |_| Fault::Unreadable { subject: ca.subject().to_string(), extension: oid::NAME_CONSTRAINTS };
        let (permitted, excluded) = read(&extension.value).map_err(unreadable)?;
        if !permitted.is_empty() {
            self.permitted.push(permitted);
        }
        self.excluded.extend(excluded);
        Ok(())
    }

    /// Checks the subject and every alternative name.
    pub(super) fn check(&self, certificate: &Certificate) -> Result<(), Fault> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Ok(());
        }
        let subject = || certificate.subject().to_string();
        let unreadable = |_| Fault::Unreadable { subject: subject(), extension: oid::SUBJECT_ALT_NAME };
        let names = names(certificate).map_err(unreadable)?;
        match names.iter().find(|name| !self.allows(name)) {
            Some(name) => Err(Fault::Name { subject: subject(), name: name.describe() }),
            None => Ok(()),
        }
    }

    fn allows(&self, name: &GeneralName) -> bool {
        let excluded = self.excluded.iter().any(|base| base.same_kind(name) && name.is_within(base, true));
        let permitted = self.permitted.iter().all(|list| {
            let mut of_kind = list.iter().filter(|base| base.same_kind(name)).peekable();
            of_kind.peek().is_none() || of_kind.any(|base| name.is_within(base, false))
        });
        permitted && !excluded
    }
}

impl GeneralName {
    fn read(element: &Element<'_>) -> Result<Self, Error> {
        const MAIL: u8 = context(1);
        const DNS: u8 = context(2);
        const DIRECTORY: u8 = context_constructed(4);
        const URI: u8 = context(6);
        Ok(match element.tag {
            MAIL => Self::Mail(element.ia5()?.to_ascii_lowercase()),
            DNS => Self::Dns(element.ia5()?.to_ascii_lowercase()),
            DIRECTORY => Self::Directory(Name::read(&element.explicit(SEQUENCE, "directory name")?)?),
            URI => Self::Uri(element.ia5()?.to_ascii_lowercase()),
            other => Self::Other(other & 0x1f),
        })
    }

    fn same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(one), Self::Other(two)) => one == two,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// `unknown`: the answer for kinds that are not compared.
    fn is_within(&self, base: &Self, unknown: bool) -> bool {
        match (self, base) {
            (Self::Mail(name), Self::Mail(base)) => mail_within(name, base),
            (Self::Dns(name), Self::Dns(base)) => host_within(name, base.trim_start_matches('.'), true),
            (Self::Directory(name), Self::Directory(base)) => name.is_within(base),
            (Self::Uri(name), Self::Uri(base)) => host_of(name).map_or(unknown, |host| match base.strip_prefix('.') {
                Some(domain) => host_within(host, domain, true) && host != domain,
                None => host == base,
            }),
            _ => unknown,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Mail(text) | Self::Dns(text) | Self::Uri(text) => text.clone(),
            Self::Directory(name) => name.to_string(),
            Self::Other(number) => format!("of kind {number}"),
        }
    }
}

/// A mailbox, all mailboxes of a host, or those of a domain below a period.
fn mail_within(name: &str, base: &str) -> bool {
    let host = name.rsplit_once('@').map_or(name, |(_, host)| host);
    match base.strip_prefix('.') {
        Some(domain) => host_within(host, domain, true) && host != domain,
        None if base.contains('@') => name == base,
        None => host == base,
    }
}

/// The host itself or, if wanted, one below it.
fn host_within(host: &str, base: &str, below: bool) -> bool {
    base.is_empty() || host == base || below && host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
}

/// The host of a URI with an authority; an address in digits is none (RFC 5280 §4.2.1.10).
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?;
    let by_name = !host.is_empty() && !host.starts_with('[') && host.contains(|c: char| c.is_ascii_alphabetic());
    by_name.then_some(host)
}

/// ```text
/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] GeneralSubtrees OPTIONAL }
/// GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] BaseDistance DEFAULT 0, maximum [1] BaseDistance OPTIONAL }
/// ```
/// minimum and maximum are not used in this profile; with either the extension is not understood.
fn read(value: &[u8]) -> Result<(Vec<GeneralName>, Vec<GeneralName>), Error> {
    let mut reader = asn1::single(value, SEQUENCE, "nameConstraints")?.reader();
    let permitted = reader.optional(context_constructed(0))?.map(|list| subtrees(list.reader())).transpose()?;
    let excluded = reader.optional(context_constructed(1))?.map(|list| subtrees(list.reader())).transpose()?;
    reader.finish()?;
    Ok((permitted.unwrap_or_default(), excluded.unwrap_or_default()))
}

fn subtrees(mut reader: Reader<'_>) -> Result<Vec<GeneralName>, Error> {
    let mut bases = Vec::new();
    while !reader.at_end() {
        let mut subtree = reader.sequence("subtree")?;
        bases.push(GeneralName::read(&subtree.element()?)?);
        subtree.finish()?;
    }
    Ok(bases)
}

/// The subject, unless it is empty, its mail addresses, and the alternative names.
fn names(certificate: &Certificate) -> Result<Vec<GeneralName>, Error> {
    let subject = certificate.subject();
    let mut names = Vec::new();
    if !subject.is_empty() {
        names.push(GeneralName::Directory(subject.clone()));
    }
    let mails = subject.values(oid::EMAIL_ADDRESS);
    names.extend(mails.into_iter().map(|mail| GeneralName::Mail(mail.to_ascii_lowercase())));
    if let Some(extension) = certificate.extension(oid::SUBJECT_ALT_NAME) {
        let mut reader = asn1::single(&extension.value, SEQUENCE, "subjectAltName")?.reader();
        while !reader.at_end() {
            names.push(GeneralName::read(&reader.element()?)?);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Party;
    use crate::{Extension, KeyKind, KeyUsageBit, encode, path};

    fn subtree(tag: u8, base: &[u8]) -> Vec<u8> {
        encode::sequence(&[&encode::tlv(tag, &[base])])
    }

    fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
        let list = |number: u8, trees: &[Vec<u8>]| match trees {
            [] => Vec::new(),
            trees => encode::tlv(context_constructed(number), &[&trees.concat()]),
        };
        Extension::new(oid::NAME_CONSTRAINTS, true, encode::sequence(&[&list(0, permitted), &list(1, excluded)]))
    }

    /// The verdict on a certificate with these alternative names under a CA with these constraints.
    fn verdict(constraint: Extension, names: &[Vec<u8>]) -> Result<(), Fault> {
        let root = Party::root(KeyKind::P256);
        let ca = vec![
            Extension::basic_constraints(true, None),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign]),
            constraint,
        ];
        let ca = root.issue(KeyKind::P256, "CA", "02", ca);
        let names = Extension::new(oid::SUBJECT_ALT_NAME, false, encode::sequence_of(names));
        let leaf = ca.issue(KeyKind::P256, "Leaf", "03", vec![names]);
        path::check(&[leaf.certificate, ca.certificate, root.certificate])
    }

    fn name(tag: u8, text: &str) -> Vec<u8> {
        encode::tlv(tag, &[text.as_bytes()])
    }

    #[test]
    fn hosts_mail_addresses_and_uris_stay_in_their_subtrees() {
        let cases = [
            (2, "example.org", "www.example.org", true),
            (2, "example.org", "badexample.org", false),
            (1, "example.org", "seal@example.org", true),
            (1, "example.org", "seal@mail.example.org", false),
            (1, ".example.org", "seal@mail.example.org", true),
            (1, "seal@example.org", "other@example.org", false),
            (6, ".example.org", "https://a.example.org/x", true),
            (6, "example.org", "https://a.example.org/x", false),
            (6, "example.org", "https://127.0.0.1/x", false),
        ];
        for (number, base, found, allowed) in cases {
            let base = subtree(context(number), base.as_bytes());
            let result = verdict(constraints(std::slice::from_ref(&base), &[]), &[name(context(number), found)]);
            assert_eq!(result.is_ok(), allowed, "{found}");
        }
        let excluded = constraints(&[], &[subtree(context(2), b"example.org")]);
        assert!(matches!(verdict(excluded, &[name(context(2), "a.example.org")]), Err(Fault::Name { .. })));
    }

    #[test]
    fn directory_names_begin_with_the_base() {
        let subtree_of = |organization: &str| {
            let base = Name::builder().country("JP").organization(organization).build();
            subtree(context_constructed(4), base.as_der())
        };
        assert_eq!(verdict(constraints(&[subtree_of("testbed")], &[]), &[]), Ok(()), "case does not matter");
        assert!(matches!(verdict(constraints(&[subtree_of("Other")], &[]), &[]), Err(Fault::Name { .. })));
        assert!(matches!(verdict(constraints(&[], &[subtree_of("TESTBED")]), &[]), Err(Fault::Name { .. })));
    }

    #[test]
    fn names_of_kinds_that_are_not_compared_are_not_allowed_when_constrained() {
        let address = || subtree(context(7), &[127, 0, 0, 1, 255, 255, 255, 255]);
        let name = encode::tlv(context(7), &[&[127, 0, 0, 1]]);
        assert!(verdict(constraints(&[address()], &[]), std::slice::from_ref(&name)).is_err());
        assert!(verdict(constraints(&[], &[address()]), &[name]).is_err());
        assert_eq!(verdict(constraints(&[], &[address()]), &[]), Ok(()));
    }

    #[test]
    fn a_constraint_that_cannot_be_read_fails_the_path() {
        let broken = Extension::new(oid::NAME_CONSTRAINTS, true, vec![0x30, 0x05, 0x01]);
        assert!(matches!(verdict(broken, &[]), Err(Fault::Unreadable { .. })));
    }
}
