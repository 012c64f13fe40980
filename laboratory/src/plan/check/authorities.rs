//! Authorities: that they hang together, and that each is valid within who certifies it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ca::{AuthorityId, Subject};
use jiff::Timestamp;

use super::super::validity::{KeyValidity, last_second};
use super::super::{AuthorityPlan, WorldPlan};
use super::{Check, InJapanese, Told, cross_certificates, told};
use crate::plan::read::Place;

const TABLE: &str = "authority";

/// How many authorities stand above each other at most: `pki::path` follows paths of ten certificates.
const DEEPEST: usize = 10;

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    let named = plan.authorities.iter().map(|one| one.id.as_str());
    check.no_name_twice(TABLE, "id", named, |id| told!("authority {id:?}", "認証局 {id:?}"));
    let mut names = BTreeMap::new();
    for (index, authority) in plan.authorities.iter().enumerate() {
        if check.by_itself(index, authority) {
            check.name_is_its_own(index, authority, &mut names);
        }
    }
    check.hang_together();
    cross_certificates::check(check);
}

/// The first authority of each subject that one authority certifies.
type Names<'a> = BTreeMap<(&'a AuthorityId, Vec<u8>), &'a AuthorityId>;

fn place(index: usize, member: &'static str) -> Place {
    Place { table: TABLE, index, member }
}

fn what(authority: &AuthorityPlan) -> Told {
    let id = authority.id.as_str();
    told!("authority {id:?}", "認証局 {id:?}")
}

impl<'a> Check<'a> {
    /// What can be said without looking at others. Gives whether its names can stand in a certificate.
    fn by_itself(&mut self, index: usize, authority: &AuthorityPlan) -> bool {
        let what = what(authority);
        let subject = authority.subject();
        let is_named = self.subject(place(index, "common_name"), &what, "organization", &subject);
        if let Some(Err(error)) = authority.to_be_made(self.start).ok().map(|planned| planned.check()) {
            match &error {
                ca::Error::KeyNotAccepted { .. } => self.misfit(place(index, "algorithm"), what.colon(error.told())),
                _ if is_named => self.misfit(place(index, "common_name"), what.colon(error.told())), // of its OCSP responder
                _ => {}
            }
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
            let told = told!(
                ": status names at least one of crl and ocsp: leave it out for both",
                ": status には crl と ocsp の少なくとも一方を書きます。書かなければ両方になります"
            );
            self.misfit(place(index, "status"), what.then(told));
        }
        is_named
    }

    /// Whom one authority certifies it names apart (RFC 5280 clause 4.1.2.6).
    fn name_is_its_own(&mut self, index: usize, authority: &'a AuthorityPlan, names: &mut Names<'a>) {
        let Some((parent, own)) = authority.parent.as_ref().zip(name(&authority.subject())) else { return };
        let (text, der) = own;
        match names.entry((parent, der)) {
            Entry::Vacant(place) => {
                place.insert(&authority.id);
            }
            Entry::Occupied(same) => {
                let (same, parent) = (same.get().as_str(), parent.as_str());
                let told = told!(
                    ": {same:?} has the same subject, {text}, and {parent:?} certifies both: wanted another common_name (RFC 5280 clause 4.1.2.6)",
                    ": {same:?} とサブジェクトが同じで（{text}）、どちらも {parent:?} が認証します。別の common_name にします（RFC 5280 4.1.2.6）"
                );
                self.misfit(place(index, "common_name"), what(authority).then(told));
            }
        }
    }

    /// Parents first; what is left hangs below itself, or below what does.
    fn hang_together(&mut self) {
        let plan = self.plan;
        let mut waiting: Vec<usize> =
            (0..plan.authorities.len()).filter(|index| self.parent_is_there(*index)).collect();
        for depth in 1.. {
            let known = |id: &AuthorityId| self.validities.of(id).is_some();
            let is_ready = |index: &usize| plan.authorities[*index].parent.as_ref().is_none_or(known);
            let (ready, still): (Vec<usize>, Vec<usize>) = waiting.into_iter().partition(is_ready);
            waiting = still;
            if ready.is_empty() {
                break;
            }
            for index in ready {
                let authority = &plan.authorities[index];
                self.depths.insert(&authority.id, depth);
                if depth == DEEPEST + 1 {
                    let told = told!(
                        ": {depth} authorities stand above each other; paths have at most {DEEPEST} certificates",
                        ": 認証局が {depth} 段になります。経路に入る証明書は {DEEPEST} 枚までです"
                    );
                    self.misfit(place(index, "parent"), what(authority).then(told));
                }
                self.in_time(index, authority);
            }
        }
        for index in waiting {
            self.loops(index);
        }
    }

    fn parent_is_there(&mut self, index: usize) -> bool {
        let plan = self.plan;
        let authority = &plan.authorities[index];
        let Some(parent) = &authority.parent else { return true };
        let is_there = plan.authorities.iter().any(|one| one.id == *parent);
        if !is_there {
            let parent = parent.as_str();
            let told = told!(": no authority is its parent {parent:?}", ": 親の {parent:?} という認証局がありません");
            let told = what(authority).then(told);
            let others = plan.authorities.iter().map(|one| one.id.as_str()).filter(|id| *id != authority.id.as_str());
            self.unknown(place(index, "parent"), told, parent, others);
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
        let (english, japanese) = (names.join(" below "), names.join(" ← "));
        let told = told!(" hangs below itself: {english}", " は自分自身の下にあります: {japanese}");
        self.misfit(place(index, "parent"), what(&plan.authorities[index]).then(told));
    }

    /// Beginning, end and new keys, against the start and the parent's; the parent is known.
    fn in_time(&mut self, index: usize, authority: &AuthorityPlan) {
        let (what, start) = (what(authority), self.start);
        let begins = match authority.begins.map(|begins| begins.at(start)) {
            Some(Err(error)) => {
                self.misfit(place(index, "begins"), what.colon(error.told()));
                start
            }
            Some(Ok(begins)) => begins,
            None => start,
        };
        if begins > start {
            let told = told!(
                " begins at {begins}, after the start at {start}: nothing is made later",
                " は開始時刻 {start} より後の {begins} に始まります。後から作られるものはありません"
            );
            self.misfit(place(index, "begins"), what.then(told));
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
        let (what, name) = (what(authority), parent.as_str());
        let Some(issuer) = self.validities.signing_at(parent, begins) else {
            let KeyValidity { begins: first, ends: last } = self.validities.of(parent).expect("parents come first");
            let told = told!(
                " begins at {begins}, outside the validity of {name:?}, which certifies it: {first} to {last}",
                " は {begins} に始まりますが、認証する {name:?} の有効期間（{first} から {last}）の外です"
            );
            return self.misfit(place(index, "begins"), what.then(told));
        };
        let Some(validity) = authority.validity else { return };
        let ends = last_second(validity, begins);
        if ends > issuer.ends {
            self.misfit(place(index, "validity"), what.then(outside(ends, name, issuer)));
        }
    }

    fn rollovers(&mut self, index: usize, authority: &AuthorityPlan, begins: Timestamp) -> Vec<Timestamp> {
        let (what, start) = (what(authority), self.start);
        let (mut last, mut found) = (begins, Vec::new());
        for rollover in &authority.rollovers {
            let parent_signs = |at| {
                let parent = authority.parent.as_ref();
                parent.is_none_or(|parent| self.validities.signing_at(parent, at).is_some())
            };
            let told = match rollover.at(start) {
                Err(error) => told!(": ", ": ").then(error.told()),
                Ok(at) if at <= last || at > start => told!(
                    " gets a new key at {at}: wanted times after the one before, {last}, and not after the start, {start}",
                    " の新しい鍵が {at} にあります。前の {last} より後で、開始時刻 {start} までの時刻を書きます"
                ),
                Ok(at) if !parent_signs(at) => told!(
                    " gets a new key at {at}, when its parent is not valid",
                    " の新しい鍵が {at} にありますが、親がその時に有効ではありません"
                ),
                Ok(at) => {
                    last = at;
                    found.push(at);
                    continue;
                }
            };
            self.misfit(place(index, "rollovers"), what.then(told));
        }
        found
    }
}

/// What is valid for longer than who certifies it.
pub(super) fn outside(ends: Timestamp, issuer: &str, KeyValidity { begins: first, ends: last }: KeyValidity) -> Told {
    told!(
        " is valid until {ends}, outside the validity of {issuer:?}, which certifies it: {first} to {last}",
        " は {ends} まで有効ですが、認証する {issuer:?} の有効期間（{first} から {last}）の外です"
    )
}

/// A subject as text and as octets, if it can stand in a certificate.
fn name(subject: &Subject) -> Option<(String, Vec<u8>)> {
    let name = subject.to_name().ok()?;
    Some((name.to_string(), name.to_der()))
}

impl WorldPlan {
    /// How many levels of authorities hang below each; below what hangs below itself there are more than none.
    pub(in crate::plan) fn levels(&self) -> BTreeMap<&AuthorityId, usize> {
        let parents: BTreeMap<&AuthorityId, Option<&AuthorityId>> =
            self.authorities.iter().rev().map(|one| (&one.id, one.parent.as_ref())).collect();
        let mut levels: BTreeMap<&AuthorityId, usize> = parents.keys().map(|id| (*id, 0)).collect();
        for id in parents.keys() {
            let above = std::iter::successors(parents[id], |id| *parents.get(id)?);
            for (parent, below) in above.zip(1..=parents.len()) {
                match levels.get_mut(parent) {
                    Some(level) if *level < below => *level = below,
                    _ => break, // who stands above it has as many already, or is not there
                }
            }
        }
        levels
    }

    /// The authority that certifies when none is named: the first that certifies no authorities, else the first of all.
    pub fn default_authority(&self) -> Option<&AuthorityPlan> {
        let levels = self.levels();
        let signs_no_authority = |one: &&AuthorityPlan| one.parent.is_some() && levels[&one.id] == 0;
        self.authorities.iter().find(signs_no_authority).or(self.authorities.first())
    }
}
