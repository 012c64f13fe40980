//! How many wrong codes came from an address. A class may be behind one, and whoever guesses there must not keep the others out: a code that is
//! long enough can be looked at so often that the right one is found among the wrong ones.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::Peer;

/// How often it may be guessed from one address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// How many may be wrong at once.
    at_once: u32,
    /// After how long one of them is forgotten.
    forgotten: Duration,
}

/// Of codes with 47 bits, a thousand a second. Forty of them last decades.
pub(super) const LONG_CODES: Allowance = Allowance { at_once: 1000, forgotten: Duration::from_millis(1) };

/// Of codes with 35 bits, as earlier versions made them, twenty and then ten a minute: a class mistypes its code.
pub(super) const SHORT_CODES: Allowance = Allowance { at_once: 20, forgotten: Duration::from_secs(6) };

/// Of how many addresses that is known at most.
const ADDRESSES: usize = 10_000;

/// Wrong codes, by address.
#[derive(Debug)]
pub(super) struct Attempts {
    allowance: Allowance,
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    count: u32,
    /// When the first of them is to be forgotten that is not yet.
    since: Instant,
}

impl Wrong {
    fn at(self, now: Instant, Allowance { forgotten, .. }: Allowance) -> Wrong {
        let times = now.saturating_duration_since(self.since).as_nanos() / forgotten.as_nanos();
        let times = u32::try_from(times).unwrap_or(u32::MAX).min(self.count);
        Wrong { count: self.count - times, since: self.since + forgotten * times }
    }
}

impl Attempts {
    pub(super) fn within(allowance: Allowance) -> Attempts {
        Attempts { allowance, wrong: Mutex::default() }
    }

    /// After how many seconds it may be tried again, if not now.
    pub(super) fn check(&self, peer: Option<Peer>) -> Result<(), u32> {
        let now = Instant::now();
        match self.wrong().get(&place(peer)).map(|wrong| wrong.at(now, self.allowance)) {
            Some(wrong) if wrong.count >= self.allowance.at_once => {
                let left = (wrong.since + self.allowance.forgotten).saturating_duration_since(now);
                Err(u32::try_from(left.as_secs()).unwrap_or(u32::MAX).saturating_add(1))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn note_wrong(&self, peer: Option<Peer>) {
        let now = Instant::now();
        let mut addresses = self.wrong();
        if addresses.len() >= ADDRESSES {
            addresses.retain(|_, wrong| wrong.at(now, self.allowance).count > 0);
        }
        if addresses.len() >= ADDRESSES {
            addresses.clear(); // what is left is little to remember, and would be too much to keep
        }
        let wrong = addresses.entry(place(peer)).or_insert(Wrong { count: 0, since: now });
        *wrong = wrong.at(now, self.allowance);
        if wrong.count == 0 {
            wrong.since = now;
        }
        wrong.count += 1;
    }

    fn wrong(&self) -> MutexGuard<'_, HashMap<IpAddr, Wrong>> {
        self.wrong.lock().expect("no code panics while it holds them")
    }
}

/// Whoever has an IPv6 address has all of its network of 64 bits.
fn place(peer: Option<Peer>) -> IpAddr {
    match peer.map(|Peer(address)| address.to_canonical()) {
        Some(IpAddr::V6(address)) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Option<Peer> {
        Some(Peer(text.parse().unwrap()))
    }

    #[test]
    fn after_twenty_wrong_short_codes_an_address_waits_and_others_do_not() {
        let attempts = Attempts::within(SHORT_CODES);
        for _ in 0..SHORT_CODES.at_once {
            assert_eq!(attempts.check(peer("2001:db8::1")), Ok(()));
            attempts.note_wrong(peer("2001:db8::2"));
        }
        assert!(matches!(attempts.check(peer("2001:db8::3")), Err(1..=7)));
        assert_eq!(attempts.check(peer("192.0.2.1")), Ok(()));
    }

    #[test]
    fn one_is_forgotten_after_six_seconds_and_all_in_the_end() {
        let since = Instant::now();
        let wrong = Wrong { count: 20, since };
        let after = |seconds| wrong.at(since + Duration::from_secs(seconds), SHORT_CODES).count;
        assert_eq!([after(0), after(5), after(6), after(17), after(1000)], [20, 20, 19, 18, 0]);
    }

    #[test]
    fn of_long_codes_a_thousand_a_second_are_looked_at() {
        let since = Instant::now();
        let wrong = Wrong { count: 1000, since };
        let after = |milliseconds| wrong.at(since + Duration::from_millis(milliseconds), LONG_CODES).count;
        assert_eq!([after(0), after(1), after(500), after(5000)], [1000, 999, 500, 0]);
    }

    #[test]
    fn what_is_remembered_is_limited() {
        let attempts = Attempts::within(SHORT_CODES);
        for number in 0..2 * ADDRESSES as u32 {
            attempts.note_wrong(Some(Peer(IpAddr::V4(number.into()))));
        }
        assert!(attempts.wrong().len() <= ADDRESSES);
    }
}
