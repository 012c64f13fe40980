//! Revocation freshness, EN 319 102-1 clause 5.2.5. In: what revocation data states, a time, the policy. Out: fresh or not, and
//! until when it is.

use jiff::{SignedDuration, Timestamp};

use crate::policy::Policy;
use crate::revocation_data::Statement;

/// Whether the data is fresh at a time: made after that time less the greatest age that is allowed. Without nextUpdate and
/// without an age in the policy nobody can tell, and it is not.
pub(crate) fn is_fresh(statement: &Statement, at: Timestamp, policy: &Policy) -> bool {
    match maximum_age(statement, policy) {
        None => false,
        Some(age) => at.duration_since(statement.this_update) < age,
    }
}

/// The last time for which the data speaks: the end of its freshness, or the time at which it was made if it has none.
pub(crate) fn fresh_until(statement: &Statement, policy: &Policy) -> Timestamp {
    let age = maximum_age(statement, policy).unwrap_or(SignedDuration::ZERO);
    statement.this_update.checked_add(age).unwrap_or(Timestamp::MAX)
}

fn maximum_age(statement: &Statement, policy: &Policy) -> Option<SignedDuration> {
    let of_policy = policy.revocation_freshness.map(|age| SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX));
    of_policy.or_else(|| Some(statement.next_update?.duration_since(statement.this_update)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laboratory::{Lab, hours, sealed, seconds};
    use crate::revocation_data::Standing;

    fn statement(next_update: Option<Timestamp>) -> Statement {
        let signer = Lab::new().issuing.certificate;
        let this_update = sealed();
        Statement { standing: Standing::Good, invalidity_date: None, this_update, next_update, signer }
    }

    #[test]
    fn data_is_fresh_until_its_next_update_and_at_earlier_times() {
        let (policy, data) = (Policy::default(), statement(Some(sealed() + hours(1))));
        assert!(is_fresh(&data, sealed() + hours(1) - seconds(1), &policy));
        assert!(!is_fresh(&data, sealed() + hours(1), &policy));
        assert!(is_fresh(&data, sealed() - hours(1), &policy));
        assert_eq!(fresh_until(&data, &policy), sealed() + hours(1));
    }

    #[test]
    fn without_next_update_nobody_can_tell_unless_the_policy_does() {
        let (mut policy, data) = (Policy::default(), statement(None));
        assert!(!is_fresh(&data, sealed(), &policy));
        assert_eq!(fresh_until(&data, &policy), sealed());
        policy.revocation_freshness = Some(std::time::Duration::from_secs(7200));
        assert!(is_fresh(&data, sealed() + hours(1), &policy));
        assert_eq!(fresh_until(&data, &policy), sealed() + hours(2));
    }
}
