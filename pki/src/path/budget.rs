//! How much work one file may ask for. In: what is about to be done. Out: whether it may be. Work is counted, not measured: the
//! same question has the same answer on every machine. A unit is about a microsecond of a slow processor.
//!
//! One budget serves a whole file, however many certificates are in it. So that a hundred hostile tokens do not take the work
//! from the honest seal beside them, each of the first questions has an allowance of its own before it draws on what is shared.

use std::cell::Cell;

use crate::key::{KeyKind, PublicKey};

/// What a file may ask for in all: about a second.
const SHARED: u64 = 1_000_000;

/// What one question may ask for before it draws on the rest: a path of ten RSA or P-384 certificates.
const ALLOWANCE: u64 = 4_000;

/// Questions that have an allowance. A file with a hundred time-stamps of different units asks about 300.
const ALLOWANCES: u64 = 250;

/// Looking at one certificate or list.
pub(super) const STEP: u64 = 2;

/// What may still be done.
#[derive(Debug)]
pub struct Budget {
    shared: Cell<u64>,
    own: Cell<u64>,
    allowances: Cell<u64>,
    refusals: Cell<u64>,
}

impl Default for Budget {
    /// For one file.
    fn default() -> Self {
        Self::of(SHARED, ALLOWANCES)
    }
}

impl Budget {
    /// So many units, and an allowance for so many questions.
    pub fn of(units: u64, allowances: u64) -> Self {
        let (shared, own) = (Cell::new(units), Cell::new(0));
        Self { shared, own, allowances: Cell::new(allowances), refusals: Cell::new(0) }
    }

    /// A new question begins.
    pub fn open_question(&self) {
        let left = self.allowances.get();
        self.own.set(if left > 0 { ALLOWANCE } else { 0 });
        self.allowances.set(left.saturating_sub(1));
    }

    /// Whether a signature of this key may be verified; if so, that is counted.
    #[must_use]
    pub fn may_verify(&self, key: &PublicKey) -> bool {
        self.spend(cost(key))
    }

    /// Whether so many units may be spent; if so, they are.
    #[must_use]
    pub fn spend(&self, units: u64) -> bool {
        for purse in [&self.own, &self.shared] {
            if let Some(rest) = purse.get().checked_sub(units) {
                purse.set(rest);
                return true;
            }
        }
        self.refusals.set(self.refusals.get() + 1);
        false
    }

    /// How often something was not done because the budget had ended: whoever compares two numbers knows whether an answer in
    /// between is complete.
    pub fn refusals(&self) -> u64 {
        self.refusals.get()
    }
}

/// Of one verification.
fn cost(key: &PublicKey) -> u64 {
    match key.kind() {
        KeyKind::P256 => 100,
        KeyKind::P384 => 400,
        KeyKind::P521 => 800,
        KeyKind::Rsa { bits } => 50 + u64::from(bits / 1024).pow(2) * 10,
        KeyKind::Other(_) => 1_500,
    }
}
