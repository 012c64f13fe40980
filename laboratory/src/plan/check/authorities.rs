//! Authorities: that they hang together, that each is valid within who certifies it, and cross-certificates between them.

use ca::AuthorityId;
use jiff::Timestamp;

use super::super::validity::{KeyValidity, last_second};
use super::super::{AuthorityPlan, CrossCertificatePlan, WorldPlan};
use super::Check;
use crate::plan::read::Place;

const TABLE: &str = "authority";

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    check.no_name_twice(TABLE, "id", plan.authorities.iter().map(|one| one.id.as_str()), "authority");
    for (index, authority) in plan.authorities.iter().enumerate() {
        check.by_itself(index, authority);
        check.name_is_its_own(index, authority);
    }
    let mut waiting: Vec<usize> = (0..plan.authorities.len()).filter(|index| check.parent_is_there(*index)).collect();
    // Parents first; what is left hangs below itself, or below what does.
    loop {
        let known = |id: &AuthorityId| check.validities.of(id).is_some();
        let is_ready = |index: &usize| plan.authorities[*index].parent.as_ref().is_none_or(known);
        let (ready, still): (Vec<usize>, Vec<usize>) = waiting.into_iter().partition(is_ready);
        waiting = still;
        if ready.is_empty() {
            break;
        }
        for index in ready {
            check.in_time(index, &plan.authorities[index]);
        }
    }
    for index in waiting {
        check.loops(index);
    }
    for (index, cross) in plan.cross_certificates.iter().enumerate() {
        check.cross_certificate(index, cross);
    }
}

fn place(index: usize, member: &'static str) -> Place {
    Place { table: TABLE, index, member }
}

impl Check<'_> {
    /// What can be said without looking at others.
    fn by_itself(&mut self, index: usize, authority: &AuthorityPlan) {
        let what = format!("authority {:?}", authority.id.as_str());
        if let Ok(planned) = authority.to_be_made(self.start) {
            self.subject(place(index, "common_name"), &what, planned.check());
        }
        let durations = [
            ("validity", authority.validity),
            ("crl_validity", authority.crl_validity),
            ("ocsp_validity", Some(authority.ocsp_validity)),
        ];
        for (member, duration) in durations {
            self.positive(place(index, member), &what, duration);
        }
        for &(member, duration) in &durations[1..] {
            if let Some(duration) = duration {
                self.within_years(place(index, member), &what, duration, self.start);
            }
        }
        if authority.status.is_empty() {
            let message = format!("{what}: status names at least one of crl and ocsp: leave it out for both");
            self.misfit(place(index, "status"), message);
        }
    }

    /// Whom one authority certifies it names apart (RFC 5280 clause 4.1.2.6).
    fn name_is_its_own(&mut self, index: usize, authority: &AuthorityPlan) {
        let (plan, start) = (self.plan, self.start);
        let name = |one: &AuthorityPlan| one.to_be_made(start).ok()?.subject.to_name().ok();
        let Some((parent, own)) = authority.parent.as_ref().zip(name(authority)) else { return };
        let earlier = &plan.authorities[..index];
        let same = earlier.iter().find(|one| one.parent.as_ref() == Some(parent) && name(one).as_ref() == Some(&own));
        if let Some(same) = same {
            let message = format!(
                "authority {:?}: {:?} has the same subject, {own}, and {:?} certifies both: wanted another common_name (RFC 5280 clause 4.1.2.6)",
                authority.id.as_str(),
                same.id.as_str(),
                parent.as_str()
            );
            self.misfit(place(index, "common_name"), message);
        }
    }

    fn parent_is_there(&mut self, index: usize) -> bool {
        let plan = self.plan;
        let authority = &plan.authorities[index];
        let Some(parent) = &authority.parent else { return true };
        let is_there = plan.authorities.iter().any(|one| one.id == *parent);
        if !is_there {
            let message =
                format!("authority {:?}: no authority is its parent {:?}", authority.id.as_str(), parent.as_str());
            let others = plan.authorities.iter().map(|one| one.id.as_str()).filter(|id| *id != authority.id.as_str());
            self.unknown(place(index, "parent"), message, parent.as_str(), others);
        }
        is_there
    }

    /// Tells the loop once, at the first authority in it.
    fn loops(&mut self, index: usize) {
        let plan = self.plan;
        let mut way = vec![index];
        loop {
            let last = &plan.authorities[way[way.len() - 1]];
            let above = |one: &AuthorityPlan| Some(&one.id) == last.parent.as_ref();
            match plan.authorities.iter().position(above) {
                None => return, // its parent is missing, which has been told
                Some(parent) if parent == index => break,
                Some(parent) if way.contains(&parent) => return, // it hangs below a loop, and is in none
                Some(parent) => way.push(parent),
            }
        }
        if way.iter().any(|other| *other < index) {
            return;
        }
        way.push(index);
        let names: Vec<&str> = way.iter().map(|index| plan.authorities[*index].id.as_str()).collect();
        let message = format!("authority {:?} hangs below itself: {}", names[0], names.join(" below "));
        self.misfit(place(index, "parent"), message);
    }

    /// Beginning, end and new keys, against the start and the parent's; the parent is known.
    fn in_time(&mut self, index: usize, authority: &AuthorityPlan) {
        let what = format!("authority {:?}", authority.id.as_str());
        let begins = match authority.begins.map(|begins| begins.at(self.start)) {
            Some(Err(error)) => {
                self.misfit(place(index, "begins"), format!("{what}: {error}"));
                self.start
            }
            Some(Ok(begins)) => begins,
            None => self.start,
        };
        if begins > self.start {
            let message =
                format!("{what} begins at {begins}, after the start at {}: nothing is made later", self.start);
            self.misfit(place(index, "begins"), message);
        }
        let fits = |validity| self.within_years(place(index, "validity"), &what, validity, begins);
        if authority.validity.is_none_or(fits)
            && let Some(parent) = &authority.parent
        {
            self.within_parent(index, authority, begins, parent);
        }
        let rollovers = self.rollovers(index, authority, begins);
        self.validities.insert(authority, begins, &rollovers);
    }

    fn within_parent(&mut self, index: usize, authority: &AuthorityPlan, begins: Timestamp, parent: &AuthorityId) {
        let what = format!("authority {:?}", authority.id.as_str());
        let Some(issuer) = self.validities.signing_at(parent, begins) else {
            let KeyValidity { begins: first, ends: last } = self.validities.of(parent).expect("parents come first");
            let message = format!(
                "{what} begins at {begins}, outside the validity of {:?}, which certifies it: {first} to {last}",
                parent.as_str()
            );
            return self.misfit(place(index, "begins"), message);
        };
        let Some(validity) = authority.validity else { return };
        let ends = last_second(validity, begins);
        if ends > issuer.ends {
            let message = format!(
                "{what} is valid until {ends}, outside the validity of {:?}, which certifies it: {} to {}",
                parent.as_str(),
                issuer.begins,
                issuer.ends
            );
            self.misfit(place(index, "validity"), message);
        }
    }

    fn rollovers(&mut self, index: usize, authority: &AuthorityPlan, begins: Timestamp) -> Vec<Timestamp> {
        let what = format!("authority {:?}", authority.id.as_str());
        let (mut last, mut found) = (begins, Vec::new());
        for rollover in &authority.rollovers {
            let at = match rollover.at(self.start) {
                Ok(at) => at,
                Err(error) => {
                    self.misfit(place(index, "rollovers"), format!("{what}: {error}"));
                    continue;
                }
            };
            if at <= last || at > self.start {
                let message = format!(
                    "{what} gets a new key at {at}: wanted times after the one before, {last}, and not after the start, {}",
                    self.start
                );
                self.misfit(place(index, "rollovers"), message);
                continue;
            }
            let parent_signs = |parent| self.validities.signing_at(parent, at).is_some();
            if !authority.parent.as_ref().is_none_or(parent_signs) {
                let message = format!("{what} gets a new key at {at}, when its parent is not valid");
                self.misfit(place(index, "rollovers"), message);
                continue;
            }
            (last, found) = (at, [found, vec![at]].concat());
        }
        found
    }

    fn cross_certificate(&mut self, index: usize, cross: &CrossCertificatePlan) {
        let plan = self.plan;
        let at = |member| Place { table: "cross_certificate", index, member };
        for (member, id) in [("subject", &cross.subject), ("issuer", &cross.issuer)] {
            if !plan.authorities.iter().any(|one| one.id == *id) {
                let known = plan.authorities.iter().map(|one| one.id.as_str());
                let message = format!("cross-certificate: no authority is its {member} {:?}", id.as_str());
                return self.unknown(at(member), message, id.as_str(), known);
            }
        }
        let (subject, issuer) = (cross.subject.as_str(), cross.issuer.as_str());
        let what = format!("cross-certificate of {subject:?} by {issuer:?}");
        if subject == issuer {
            let message = format!("{what}: an authority certifies others; a new key of its own is a rollover");
            return self.misfit(at("issuer"), message);
        }
        let earlier = &plan.cross_certificates[..index];
        if earlier.iter().any(|other| (&other.subject, &other.issuer) == (&cross.subject, &cross.issuer)) {
            return self.misfit(at("subject"), format!("{what}: it is planned already"));
        }
        let is_root = plan.authorities.iter().any(|one| one.id == cross.issuer && one.parent.is_none());
        let (above, below) = (plan.levels_below(&cross.issuer), plan.levels_below(&cross.subject));
        if !is_root && above <= below {
            let message = format!(
                "{what}: {issuer:?} has {above} levels of authorities below it, which its path length says, and {subject:?} has {below}: \
                 wanted a root, or an authority with more levels"
            );
            return self.misfit(at("issuer"), message);
        }
        self.cross_certificate_in_time(index, cross, &what);
    }

    fn cross_certificate_in_time(&mut self, index: usize, cross: &CrossCertificatePlan, what: &str) {
        let at = |member| Place { table: "cross_certificate", index, member };
        let keys = [&cross.subject, &cross.issuer].map(|id| self.validities.of(id));
        let [Some(subject), Some(issuer)] = keys else { return }; // they hang below a loop, which has been told
        let begins = match cross.begins.map(|begins| begins.at(self.start)) {
            Some(Err(error)) => return self.misfit(at("begins"), format!("{what}: {error}")),
            Some(Ok(begins)) => begins,
            None => subject.begins.max(issuer.begins),
        };
        let signs = |id| self.validities.signing_at(id, begins).is_some();
        if begins > self.start || !signs(&cross.subject) || !signs(&cross.issuer) {
            let message = format!(
                "{what} begins at {begins}: wanted a time at which both are valid, and not after the start, {}",
                self.start
            );
            self.misfit(at(if cross.begins.is_some() { "begins" } else { "subject" }), message);
        }
    }
}

impl WorldPlan {
    /// How many levels of authorities hang below that one; of what hangs below itself, as many as there are authorities.
    pub(in crate::plan) fn levels_below(&self, id: &AuthorityId) -> usize {
        let mut generation = vec![id];
        for levels in 0..self.authorities.len() {
            let is_child =
                |one: &&AuthorityPlan| one.parent.as_ref().is_some_and(|parent| generation.contains(&parent));
            let children: Vec<&AuthorityId> = self.authorities.iter().filter(is_child).map(|one| &one.id).collect();
            if children.is_empty() {
                return levels;
            }
            generation = children;
        }
        self.authorities.len()
    }

    /// The authority that certifies when none is named: the first that certifies no authorities, else the first of all.
    pub fn default_authority(&self) -> Option<&AuthorityPlan> {
        let signs_no_authority = |one: &&AuthorityPlan| one.parent.is_some() && self.levels_below(&one.id) == 0;
        self.authorities.iter().find(signs_no_authority).or(self.authorities.first())
    }

    /// The authorities from that one up to its root; fewer if one is missing or hangs below itself.
    pub(in crate::plan) fn path_from<'a>(&'a self, id: &'a AuthorityId) -> Vec<&'a AuthorityPlan> {
        let named = |id: &AuthorityId| self.authorities.iter().find(|one| one.id == *id);
        let path = std::iter::successors(named(id), |below| named(below.parent.as_ref()?));
        path.take(self.authorities.len()).collect()
    }
}
