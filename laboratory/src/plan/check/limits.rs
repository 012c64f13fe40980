//! How much a plan may ask for, before anything else is looked at: whoever sends one keeps a processor busy with its keys.

use pki::{KeyAlgorithm, KeyKind};

use super::super::WorldPlan;
use super::{Check, told, whole};

/// How many tables of a kind a plan has at most: the class of forty has a credential each for six kinds of keys.
pub(in crate::plan) const MOST_TABLES: usize = 256;

/// How much all keys of a plan weigh at most, a P-256 or RSA-2048 one being 1. So many RSA-2048 keys take a processor three quarters of a
/// minute, and a request has two (`world::server::Limits`).
const HEAVIEST: usize = 512;

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    let lengths = [
        ("authority", plan.authorities.len()),
        ("cross_certificate", plan.cross_certificates.len()),
        ("credential", plan.credentials.len()),
        ("time_stamping_unit", plan.units.len()),
        ("organization", plan.organizations.len()),
    ];
    for (table, length) in lengths.into_iter().filter(|(_, length)| *length > MOST_TABLES) {
        let told = told!(
            "a plan has at most {MOST_TABLES} [[{table}]]; found {length}",
            "設計に書ける [[{table}]] は {MOST_TABLES} 個までです（{length} 個書かれています）"
        );
        check.misfit(whole(table), told);
    }
    let weights = plan.weights();
    let found: usize = weights.iter().map(|(_, weight)| weight).sum();
    if found > HEAVIEST {
        let (heaviest, _) = weights.into_iter().max_by_key(|(_, weight)| *weight).expect("there are three");
        let told = told!(
            "the keys of a plan count at most {HEAVIEST}, where P-256 and RSA-2048 count 1, RSA-3072 4 and RSA-4096 12, and each key of an authority has \
             another for its OCSP responder; found {found}",
            "設計の鍵は合計 {HEAVIEST} までです（P-256 や RSA-2048 は 1、RSA-3072 は 4、RSA-4096 は 12 と数え、認証局の鍵ごとに OCSP レスポンダーの鍵も\
             数えます）。合計が {found} になります"
        );
        check.misfit(whole(heaviest), told);
    }
}

impl WorldPlan {
    /// How much all its keys weigh: about as many tenths of a second as one processor takes to make them.
    pub fn weight(&self) -> usize {
        self.weights().iter().map(|(_, weight)| weight).sum()
    }

    fn weights(&self) -> [(&'static str, usize); 3] {
        let of_authorities = self.authorities.iter().map(|one| {
            let both = weight(one.algorithm) + weight(one.ocsp_algorithm.unwrap_or(one.algorithm));
            (one.rollovers.len() + 1) * both
        });
        let of_credentials = self.credentials.iter().map(|one| weight(one.algorithm));
        let of_units = self.units.iter().map(|one| weight(one.algorithm));
        [
            ("authority", of_authorities.sum()),
            ("credential", of_credentials.sum()),
            ("time_stamping_unit", of_units.sum()),
        ]
    }
}

/// As OpenSSL and aws-lc make them: 0.09, 0.36 and 1.2 s.
fn weight(algorithm: KeyAlgorithm) -> usize {
    match algorithm.kind {
        KeyKind::Rsa { bits: ..3000 } => 1,
        KeyKind::Rsa { bits: ..4000 } => 4,
        KeyKind::Rsa { .. } => 12,
        _ => 1,
    }
}
