//! Name constraints, RFC 5280 §4.2.1.10 and §6.1.3 (b), (c), §6.1.4 (g). In: the constraints of the CAs of a path and the
//! names of a certificate below them. Out: nothing, or the name that is not allowed.
//!
//! Directory names, mail addresses, DNS names, URIs and IP addresses are compared. A name of another kind that a constraint
//! speaks about is not allowed, since what the constraint demands of it is not known here; the same is true of a name or a base
//! that is not well-formed.

use std::cell::Cell;

use super::BrokenRule;
use super::subtree::{self, GeneralName};
use crate::asn1::{self, SEQUENCE, context_constructed};
use crate::certificate::Certificate;
use crate::{Error, oid};

/// Most comparisons along one path. Honest CAs constrain a handful of names; a thousand names under a thousand subtrees are there
/// to keep us busy.
const MAX_COMPARISONS: usize = 100_000;

/// Permitted and excluded subtrees of all CAs so far.
pub(super) struct NameConstraints {
    /// One list for each CA: a name must lie in a subtree of each list that has its kind.
    permitted: Vec<Vec<GeneralName>>,
    excluded: Vec<GeneralName>,
    left: Cell<usize>,
}

impl NameConstraints {
    pub(super) fn new() -> Self {
        Self { permitted: Vec::new(), excluded: Vec::new(), left: Cell::new(MAX_COMPARISONS) }
    }

    /// Takes over what a CA demands of the names below it.
    pub(super) fn add(&mut self, ca: &Certificate) -> Result<(), BrokenRule> {
        let Some(extension) = ca.extension(oid::NAME_CONSTRAINTS) else { return Ok(()) };
        let unreadable =
            |_| BrokenRule::Unreadable { subject: ca.subject().to_string(), extension: oid::NAME_CONSTRAINTS };
        let (permitted, excluded) = read(&extension.value).map_err(unreadable)?;
        if !permitted.is_empty() {
            self.permitted.push(permitted);
        }
        self.excluded.extend(excluded);
        Ok(())
    }

    /// Checks the subject and every alternative name.
    pub(super) fn check(&self, certificate: &Certificate) -> Result<(), BrokenRule> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Ok(());
        }
        let subject = || certificate.subject().to_string();
        let unreadable = |_| BrokenRule::Unreadable { subject: subject(), extension: oid::SUBJECT_ALT_NAME };
        for name in names(certificate).map_err(unreadable)? {
            let cost = self.excluded.len() + self.permitted.iter().map(Vec::len).sum::<usize>();
            let Some(left) = self.left.get().checked_sub(cost) else {
                return Err(BrokenRule::TooManyNames { subject: subject(), limit: MAX_COMPARISONS });
            };
            self.left.set(left);
            if !self.allows(&name) {
                return Err(BrokenRule::Name { subject: subject(), name: name.describe() });
            }
        }
        Ok(())
    }

    fn allows(&self, name: &GeneralName) -> bool {
        let of_kind = |base: &&GeneralName| base.kind == name.kind;
        let hits = |base: &GeneralName| name.is_within(base).unwrap_or(true) || name.may_reach(base);
        let excluded = self.excluded.iter().filter(of_kind).any(hits);
        let permitted = self.permitted.iter().all(|list| {
            let mut list = list.iter().filter(of_kind).peekable();
            list.peek().is_none() || list.any(|base| name.is_within(base).unwrap_or(false))
        });
        permitted && !excluded
    }
}

/// ```text
/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] GeneralSubtrees OPTIONAL }
/// ```
/// One of the two must be there, and not empty.
fn read(value: &[u8]) -> Result<(Vec<GeneralName>, Vec<GeneralName>), Error> {
    let whole = asn1::single(value, SEQUENCE, "nameConstraints")?;
    let mut reader = whole.reader();
    let mut list = |number| {
        let list = reader.optional(context_constructed(number))?;
        list.map(|list| subtree::read_subtrees(list.reader())).transpose()
    };
    let (permitted, excluded) = (list(0)?, list(1)?);
    reader.finish()?;
    let (permitted, excluded) = (permitted.unwrap_or_default(), excluded.unwrap_or_default());
    if permitted.is_empty() && excluded.is_empty() {
        return Err(whole.malformed("at least one subtree", "none"));
    }
    Ok((permitted, excluded))
}

/// The subject, unless it is empty, its mail addresses, and the alternative names.
fn names(certificate: &Certificate) -> Result<Vec<GeneralName>, Error> {
    let subject = certificate.subject();
    let mut names = Vec::new();
    if !subject.is_empty() {
        names.push(GeneralName::directory(subject));
    }
    names.extend(subject.values(oid::EMAIL_ADDRESS).into_iter().map(GeneralName::mail));
    if let Some(extension) = certificate.extension(oid::SUBJECT_ALT_NAME) {
        names.extend(subtree::read_names(&extension.value)?);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::context;
    use crate::asn1::write;
    use crate::name::Name;
    use crate::path::rules;
    use crate::testing::Party;
    use crate::{Extension, KeyKind, KeyUsageBit};

    fn subtree(tag: u8, base: &[u8]) -> Vec<u8> {
        write::sequence(&[&write::element(tag, &[base])])
    }

    fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
        let list = |number: u8, trees: &[Vec<u8>]| match trees {
            [] => Vec::new(),
            trees => write::element(context_constructed(number), &[&trees.concat()]),
        };
        Extension::new(oid::NAME_CONSTRAINTS, true, write::sequence(&[&list(0, permitted), &list(1, excluded)]))
    }

    /// The verdict on a certificate with these alternative names under a CA with these constraints.
    fn verdict(constraint: Extension, names: &[Vec<u8>]) -> Result<(), BrokenRule> {
        let root = Party::root(KeyKind::P256);
        let ca = vec![
            Extension::basic_constraints(true, None),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign]),
            constraint,
        ];
        let ca = root.issue(KeyKind::P256, "CA", "02", ca);
        let names =
            (!names.is_empty()).then(|| Extension::new(oid::SUBJECT_ALT_NAME, false, write::sequence_of(names)));
        let leaf = ca.issue(KeyKind::P256, "Leaf", "03", names.into_iter().collect());
        rules::check(&[leaf.certificate, ca.certificate, root.certificate])
    }

    fn name(tag: u8, text: &str) -> Vec<u8> {
        write::element(tag, &[text.as_bytes()])
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
        assert!(matches!(verdict(excluded, &[name(context(2), "a.example.org")]), Err(BrokenRule::Name { .. })));
    }

    #[test]
    fn directory_names_begin_with_the_base() {
        let subtree_of = |organization: &str| {
            let base = Name::builder().country("JP").organization(organization).build();
            subtree(context_constructed(4), base.as_der())
        };
        assert_eq!(verdict(constraints(&[subtree_of("testbed")], &[]), &[]), Ok(()), "case does not matter");
        assert!(matches!(verdict(constraints(&[subtree_of("Other")], &[]), &[]), Err(BrokenRule::Name { .. })));
        assert!(matches!(verdict(constraints(&[], &[subtree_of("TESTBED")]), &[]), Err(BrokenRule::Name { .. })));
    }

    #[test]
    fn mail_addresses_are_compared_as_they_are_before_the_at_and_without_case_behind_it() {
        for (base, found, allowed) in [
            ("Seal@Example.org", "Seal@example.ORG", true),
            ("Seal@example.org", "seal@example.org", false),
            ("*@example.org", "*@example.org", true),
            ("*@example.org", "seal@example.org", false),
            ("example.org", "seal", false),
            ("example.org", "Seal <seal@example.org>", false),
            ("@example.org", "seal@example.org", false),
        ] {
            let result = verdict(constraints(&[subtree(context(1), base.as_bytes())], &[]), &[name(context(1), found)]);
            assert_eq!(result.is_ok(), allowed, "{base} {found}");
        }
    }

    #[test]
    fn a_wildcard_reaches_what_it_stands_for() {
        for (excluded, found, allowed) in [
            ("www.example.org", "*.example.org", false),
            ("example.org", "*.example.org", false),
            ("a.www.example.org", "*.example.org", true),
            ("www.example.net", "*.example.org", true),
            (".example.org", "www.example.net", false), // no host: not understood
        ] {
            let result =
                verdict(constraints(&[], &[subtree(context(2), excluded.as_bytes())]), &[name(context(2), found)]);
            assert_eq!(result.is_ok(), allowed, "{excluded} {found}");
        }
        let permitted = constraints(&[subtree(context(2), b"www.example.org")], &[]);
        assert!(verdict(permitted, &[name(context(2), "*.example.org")]).is_err());
    }

    #[test]
    fn addresses_stay_in_their_network() {
        let base = |octets: &[u8]| subtree(context(7), octets);
        let found = |octets: &[u8]| write::element(context(7), &[octets]);
        for (network, address, allowed) in [
            (&[192, 0, 2, 0, 255, 255, 255, 0][..], &[192, 0, 2, 7][..], true),
            (&[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 3, 7], false),
            (&[192, 0, 2, 0, 255, 0, 255, 0], &[192, 0, 2, 7], false), // a mask with a hole
            (&[192, 0, 2, 0, 255, 255, 255], &[192, 0, 2, 7], false),
            (&[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 2], false),
            (&[192, 0, 2, 0, 255, 255, 255, 0], &[0; 16], false),
            (&[[0; 16], [0; 16]].concat(), &[7; 16], true),
        ] {
            let result = verdict(constraints(&[base(network)], &[]), &[found(address)]);
            assert_eq!(result.is_ok(), allowed, "{network:?} {address:?}");
        }
        let outside = constraints(&[], &[base(&[192, 0, 2, 0, 255, 255, 255, 0])]);
        assert_eq!(verdict(outside.clone(), &[found(&[192, 0, 3, 7])]), Ok(()));
        assert!(verdict(outside, &[found(&[192, 0, 2, 7])]).is_err());
    }

    #[test]
    fn names_of_kinds_that_are_not_compared_are_not_allowed_when_constrained() {
        let registered = || subtree(context(8), &[42, 3]);
        let name = write::element(context(8), &[&[42, 3]]);
        assert!(verdict(constraints(&[registered()], &[]), std::slice::from_ref(&name)).is_err());
        assert!(verdict(constraints(&[], &[registered()]), &[name]).is_err());
        assert_eq!(verdict(constraints(&[], &[registered()]), &[]), Ok(()));
    }

    #[test]
    fn minimum_and_maximum_are_not_understood_and_refuse_names_of_their_kind_alone() {
        let limited = |number: u8, distance: u8| {
            write::sequence(&[&name(context(2), "example.org"), &write::element(context(number), &[&[distance]])])
        };
        let www = || name(context(2), "www.example.org");
        assert_eq!(verdict(constraints(&[limited(0, 0)], &[]), &[www()]), Ok(()), "the default, written out");
        for (number, distance) in [(0, 1), (1, 0), (1, 5)] {
            assert!(verdict(constraints(&[limited(number, distance)], &[]), &[www()]).is_err());
            assert!(verdict(constraints(&[], &[limited(number, distance)]), &[name(context(2), "a.net")]).is_err());
            assert_eq!(verdict(constraints(&[limited(number, distance)], &[]), &[]), Ok(()));
        }
    }

    #[test]
    fn a_thousand_names_under_a_thousand_subtrees_are_refused_without_comparing_them_all() {
        let many = |count: usize| (0..count).map(|number| format!("h{number}.example.org"));
        let trees: Vec<_> = many(1_000).map(|host| subtree(context(2), host.as_bytes())).collect();
        let names: Vec<_> = many(1_000).map(|host| name(context(2), &host)).collect();
        assert!(matches!(verdict(constraints(&trees, &[]), &names), Err(BrokenRule::TooManyNames { .. })));
        assert_eq!(verdict(constraints(&trees[..50], &[]), &names[..50]), Ok(()));
    }

    #[test]
    fn a_constraint_that_cannot_be_read_fails_the_path() {
        for value in [vec![0x30, 0x05, 0x01], vec![0x30, 0], vec![0x30, 4, 0xa0, 0, 0xa1, 0]] {
            let broken = Extension::new(oid::NAME_CONSTRAINTS, true, value);
            assert!(matches!(verdict(broken, &[]), Err(BrokenRule::Unreadable { .. })));
        }
    }
}
