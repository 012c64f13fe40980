//! Cross-certificates: between authorities that are there, at a time at which both are valid, and where the path lengths allow it.

use std::collections::BTreeMap;

use ca::AuthorityId;

use super::super::CrossCertificatePlan;
use super::{Check, InJapanese, Told, told};
use crate::plan::read::Place;

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    let levels = plan.levels();
    for (index, cross) in plan.cross_certificates.iter().enumerate() {
        check.cross_certificate(index, cross, &levels);
    }
}

impl Check<'_> {
    fn cross_certificate(
        &mut self,
        index: usize,
        cross: &CrossCertificatePlan,
        levels: &BTreeMap<&AuthorityId, usize>,
    ) {
        let plan = self.plan;
        let at = |member| Place { table: "cross_certificate", index, member };
        for (member, id) in [("subject", &cross.subject), ("issuer", &cross.issuer)] {
            if !levels.contains_key(id) {
                let known = plan.authorities.iter().map(|one| one.id.as_str());
                let id = id.as_str();
                let told = told!(
                    "cross-certificate: no authority is its {member} {id:?}",
                    "相互認証証明書: {member} の {id:?} という認証局がありません"
                );
                return self.unknown(at(member), told, id, known);
            }
        }
        let (subject, issuer) = (cross.subject.as_str(), cross.issuer.as_str());
        let what =
            told!("cross-certificate of {subject:?} by {issuer:?}", "{issuer:?} による {subject:?} の相互認証証明書");
        if subject == issuer {
            let told = told!(
                ": an authority certifies others; a new key of its own is a rollover",
                ": 認証局が認証するのは他の認証局です。自分の新しい鍵は rollovers に書きます"
            );
            return self.misfit(at("issuer"), what.then(told));
        }
        let earlier = &plan.cross_certificates[..index];
        if earlier.iter().any(|other| (&other.subject, &other.issuer) == (&cross.subject, &cross.issuer)) {
            return self.misfit(at("subject"), what.then(told!(": it is planned already", ": 既に書かれています")));
        }
        let is_root = plan.authorities.iter().any(|one| one.id == cross.issuer && one.parent.is_none());
        let (above, below) = (levels[&cross.issuer], levels[&cross.subject]);
        if !is_root && above <= below {
            let told = told!(
                ": {issuer:?} has {above} levels of authorities below it, which its path length says, and {subject:?} has {below}: \
                 wanted a root, or an authority with more levels",
                ": {issuer:?} の下の認証局は {above} 段（パス長制約になります）、{subject:?} の下は {below} 段です。\
                 ルートか、より多くの段を持つ認証局を書きます"
            );
            return self.misfit(at("issuer"), what.then(told));
        }
        self.cross_certificate_in_time(index, cross, &what);
    }

    fn cross_certificate_in_time(&mut self, index: usize, cross: &CrossCertificatePlan, what: &Told) {
        let at = |member| Place { table: "cross_certificate", index, member };
        let keys = [&cross.subject, &cross.issuer].map(|id| self.validities.of(id));
        let [Some(subject), Some(issuer)] = keys else { return }; // they hang below a loop, which has been told
        let begins = match cross.begins.map(|begins| begins.at(self.start)) {
            Some(Err(error)) => return self.misfit(at("begins"), what.colon(error.told())),
            Some(Ok(begins)) => begins,
            None => subject.begins.max(issuer.begins),
        };
        let signs = |id| self.validities.signing_at(id, begins).is_some();
        if begins > self.start || !signs(&cross.subject) || !signs(&cross.issuer) {
            let start = self.start;
            let told = told!(
                " begins at {begins}: wanted a time at which both are valid, and not after the start, {start}",
                " は {begins} に始まります。両方が有効な、開始時刻 {start} までの時刻を書きます"
            );
            self.misfit(at(if cross.begins.is_some() { "begins" } else { "subject" }), what.then(told));
        }
    }
}
