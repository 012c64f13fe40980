//! Certificate policies along a path, RFC 5280 §6.1.2 to §6.1.5. In: certificates from the anchor's down to the leaf. Out:
//! nothing, or the certificate at which a policy that is required was lost. Any policy is acceptable to the user; none is
//! required unless a CA does so (policyConstraints).
//!
//! Only the lowest level of the valid policy tree is kept: the rest of the tree does not change whether it is empty.

use super::BrokenRule;
use crate::asn1::{self, INTEGER, OID, SEQUENCE, context};
use crate::certificate::Certificate;
use crate::{Error, ObjectIdentifier, oid};

/// A node of the lowest level: the policy in the certificate, and what may stand for it below.
#[derive(Clone)]
struct Node {
    valid: ObjectIdentifier,
    expected: Vec<ObjectIdentifier>,
}

/// The state of the policy part of path validation.
pub(super) struct PolicyTree {
    /// Empty: the tree is NULL.
    nodes: Vec<Node>,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any_policy: usize,
}

/// Most nodes of one level, so that mappings cannot multiply without end; real paths have fewer than ten.
const MAX_NODES: usize = 1_000;

impl PolicyTree {
    /// For `length` certificates below the anchor (§6.1.2).
    pub(super) fn new(length: usize) -> Self {
        let any = Node { valid: oid::ANY_POLICY, expected: vec![oid::ANY_POLICY] };
        let never = length + 1;
        Self { nodes: vec![any], explicit_policy: never, policy_mapping: never, inhibit_any_policy: never }
    }

    /// What an anchor demands of the paths below it (RFC 5937 §3.2): like a CA's, before its first certificate is counted.
    pub(super) fn enter_anchor(&mut self, anchor: &Certificate) -> Result<(), BrokenRule> {
        self.constrain(anchor)
    }

    /// §6.1.4 (i), (j).
    fn constrain(&mut self, ca: &Certificate) -> Result<(), BrokenRule> {
        let unreadable = |extension| move |_| BrokenRule::Unreadable { subject: ca.subject().to_string(), extension };
        let constraints = constraints(ca).map_err(unreadable(oid::POLICY_CONSTRAINTS))?;
        let inhibit = inhibit_any_policy(ca).map_err(unreadable(oid::INHIBIT_ANY_POLICY))?;
        self.explicit_policy = self.explicit_policy.min(constraints.require_explicit.unwrap_or(usize::MAX));
        self.policy_mapping = self.policy_mapping.min(constraints.inhibit_mapping.unwrap_or(usize::MAX));
        self.inhibit_any_policy = self.inhibit_any_policy.min(inhibit.unwrap_or(usize::MAX));
        Ok(())
    }

    /// Takes one certificate (§6.1.3 (d) to (f), and §6.1.4 or §6.1.5).
    pub(super) fn descend(
        &mut self,
        certificate: &Certificate,
        last: bool,
        self_issued: bool,
    ) -> Result<(), BrokenRule> {
        let subject = || certificate.subject().to_string();
        let policies = certificate.policies();
        let any_counts = self.inhibit_any_policy > 0 || !last && self_issued;
        self.nodes = if certificate.has_extension(oid::CERTIFICATE_POLICIES) {
            self.children(&policies, any_counts)
        } else {
            Vec::new()
        };
        if self.explicit_policy == 0 && self.nodes.is_empty() {
            return Err(BrokenRule::Policy { subject: subject() });
        }
        let unreadable = |extension| move |_| BrokenRule::Unreadable { subject: subject(), extension };
        if last {
            let constraints = constraints(certificate).map_err(unreadable(oid::POLICY_CONSTRAINTS))?;
            return self.finish(certificate, constraints.require_explicit);
        }
        self.map(certificate).map_err(unreadable(oid::POLICY_MAPPINGS))?;
        if !self_issued {
            for counter in [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any_policy] {
                *counter = counter.saturating_sub(1);
            }
        }
        self.constrain(certificate)
    }

    /// §6.1.3 (d): the next level.
    fn children(&self, policies: &[ObjectIdentifier], any_counts: bool) -> Vec<Node> {
        let single = |policy: ObjectIdentifier| Node { valid: policy, expected: vec![policy] };
        let any_above = self.nodes.iter().any(|node| node.valid == oid::ANY_POLICY);
        let mut children: Vec<Node> = Vec::new();
        for policy in policies.iter().filter(|policy| **policy != oid::ANY_POLICY) {
            if any_above || self.nodes.iter().any(|node| node.expected.contains(policy)) {
                children.push(single(*policy));
            }
        }
        if policies.contains(&oid::ANY_POLICY) && any_counts {
            for policy in self.nodes.iter().flat_map(|node| &node.expected) {
                if !children.iter().any(|child| child.valid == *policy) && children.len() < MAX_NODES {
                    children.push(single(*policy));
                }
            }
        }
        children.truncate(MAX_NODES);
        children
    }

    /// §6.1.4 (a), (b).
    fn map(&mut self, certificate: &Certificate) -> Result<(), Error> {
        let mappings = mappings(certificate)?;
        for (issuer, _) in &mappings {
            if self.policy_mapping == 0 {
                self.nodes.retain(|node| node.valid != *issuer);
                continue;
            }
            let subjects: Vec<_> = mappings.iter().filter(|(from, _)| from == issuer).map(|(_, to)| *to).collect();
            let any = self.nodes.iter().any(|node| node.valid == oid::ANY_POLICY) && self.nodes.len() < MAX_NODES;
            match self.nodes.iter_mut().find(|node| node.valid == *issuer) {
                Some(node) => node.expected = subjects,
                None if any => self.nodes.push(Node { valid: *issuer, expected: subjects }),
                None => {}
            }
        }
        Ok(())
    }

    /// §6.1.5 (a), (b), (g).
    fn finish(&mut self, certificate: &Certificate, require_explicit: Option<usize>) -> Result<(), BrokenRule> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        if require_explicit == Some(0) {
            self.explicit_policy = 0;
        }
        match self.explicit_policy == 0 && self.nodes.is_empty() {
            true => Err(BrokenRule::Policy { subject: certificate.subject().to_string() }),
            false => Ok(()),
        }
    }
}

#[derive(Default)]
struct Constraints {
    require_explicit: Option<usize>,
    inhibit_mapping: Option<usize>,
}

/// `PolicyConstraints ::= SEQUENCE { requireExplicitPolicy [0] SkipCerts OPTIONAL, inhibitPolicyMapping [1] SkipCerts OPTIONAL }`
fn constraints(certificate: &Certificate) -> Result<Constraints, Error> {
    let Some(extension) = certificate.extension(oid::POLICY_CONSTRAINTS) else { return Ok(Constraints::default()) };
    let mut reader = asn1::single(&extension.value, SEQUENCE, "policyConstraints")?.reader();
    let mut part = |number| reader.optional(context(number))?.map(|skip| skip.unsigned()).transpose();
    let (require_explicit, inhibit_mapping) = (part(0)?, part(1)?);
    reader.finish()?;
    Ok(Constraints { require_explicit: require_explicit.map(count), inhibit_mapping: inhibit_mapping.map(count) })
}

/// `InhibitAnyPolicy ::= SkipCerts`
fn inhibit_any_policy(certificate: &Certificate) -> Result<Option<usize>, Error> {
    let Some(extension) = certificate.extension(oid::INHIBIT_ANY_POLICY) else { return Ok(None) };
    asn1::single(&extension.value, INTEGER, "inhibitAnyPolicy")?.unsigned().map(count).map(Some)
}

/// `PolicyMappings ::= SEQUENCE OF SEQUENCE { issuerDomainPolicy OBJECT IDENTIFIER, subjectDomainPolicy OBJECT IDENTIFIER }`,
/// neither of them anyPolicy.
fn mappings(certificate: &Certificate) -> Result<Vec<(ObjectIdentifier, ObjectIdentifier)>, Error> {
    let Some(extension) = certificate.extension(oid::POLICY_MAPPINGS) else { return Ok(Vec::new()) };
    let mut reader = asn1::single(&extension.value, SEQUENCE, "policyMappings")?.reader();
    let mut found = Vec::new();
    while !reader.at_end() {
        let mut pair = reader.sequence("mapping")?;
        let (from, to) = (pair.expect(OID, "issuer policy")?, pair.expect(OID, "subject policy")?);
        pair.finish()?;
        let both = (from.oid()?, to.oid()?);
        if both.0 == oid::ANY_POLICY || both.1 == oid::ANY_POLICY {
            return Err(from.malformed("a mapping without anyPolicy", "anyPolicy"));
        }
        found.push(both);
    }
    Ok(found)
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::write;
    use crate::path::rules;
    use crate::testing::Party;
    use crate::{Extension, KeyKind, KeyUsageBit};

    fn policy(number: u8) -> ObjectIdentifier {
        format!("2.25.9.{number}").parse().unwrap()
    }

    fn required() -> Extension {
        let skip = write::element(context(0), &[&[0]]);
        Extension::new(oid::POLICY_CONSTRAINTS, true, write::sequence(&[&skip]))
    }

    fn mapping(from: u8, to: u8) -> Extension {
        let pair = write::sequence(&[&write::oid(policy(from)), &write::oid(policy(to))]);
        Extension::new(oid::POLICY_MAPPINGS, true, write::sequence(&[&pair]))
    }

    fn verdict(of_ca: Vec<Extension>, of_leaf: Vec<Extension>) -> Result<(), BrokenRule> {
        let root = Party::root(KeyKind::P256);
        let base = [Extension::basic_constraints(true, None), Extension::key_usage(&[KeyUsageBit::KeyCertSign])];
        let ca = root.issue(KeyKind::P256, "CA", "02", [base.to_vec(), of_ca].concat());
        let leaf = ca.issue(KeyKind::P256, "Leaf", "03", of_leaf);
        rules::check(&[leaf.certificate, ca.certificate, root.certificate])
    }

    fn policies(numbers: &[u8]) -> Extension {
        Extension::certificate_policies(&numbers.iter().map(|number| policy(*number)).collect::<Vec<_>>())
    }

    #[test]
    fn without_a_constraint_policies_may_be_missing_or_differ() {
        assert_eq!(verdict(vec![], vec![]), Ok(()));
        assert_eq!(verdict(vec![policies(&[1])], vec![policies(&[2])]), Ok(()));
    }

    #[test]
    fn a_required_policy_must_run_through_the_path() {
        let any = Extension::certificate_policies(&[oid::ANY_POLICY]);
        assert_eq!(verdict(vec![policies(&[1]), required()], vec![policies(&[1])]), Ok(()));
        assert_eq!(verdict(vec![any.clone(), required()], vec![policies(&[7])]), Ok(()));
        assert_eq!(verdict(vec![policies(&[1]), required()], vec![any]), Ok(()));
        for leaf in [vec![], vec![policies(&[2])]] {
            assert!(matches!(verdict(vec![policies(&[1]), required()], leaf), Err(BrokenRule::Policy { .. })));
        }
    }

    #[test]
    fn a_mapped_policy_stands_for_its_issuers() {
        let ca = || vec![policies(&[1]), required(), mapping(1, 2)];
        assert_eq!(verdict(ca(), vec![policies(&[2])]), Ok(()));
        assert!(matches!(verdict(ca(), vec![policies(&[1])]), Err(BrokenRule::Policy { .. })));
    }

    #[test]
    fn any_policy_does_not_count_where_it_is_inhibited() {
        let any = || Extension::certificate_policies(&[oid::ANY_POLICY]);
        let inhibit = Extension::new(oid::INHIBIT_ANY_POLICY, true, write::unsigned(0));
        assert!(matches!(
            verdict(vec![policies(&[1]), required(), inhibit], vec![any()]),
            Err(BrokenRule::Policy { .. })
        ));
    }
}
