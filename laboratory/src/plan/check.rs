//! Whether a plan can be made: names that lead nowhere or stand twice, loops, validities outside an issuer's, keys that cannot do what
//! they are for. In: a plan and the present. Out: everything that is wrong, and where.

mod authorities;
mod cross_certificates;
mod holders;
mod limits;

use std::collections::{BTreeMap, BTreeSet};

use ca::{AuthorityId, Subject};
use jiff::Timestamp;
use world::time::Duration;

use super::WorldPlan;
use super::read::Place;
use super::told::{InJapanese, Told, told};
use super::validity::Validities;
pub(super) use holders::longest;
pub(super) use limits::MOST_TABLES;
use world::toml_text::nearest;

/// How many names are told of those that there are.
const SHOWN: usize = 20;

/// A root's validity in the default plan, the longest that is usual.
const LONGEST_USUAL: Duration = Duration::years(30);

/// Something that is wrong.
pub(super) struct Misfit {
    pub(super) place: Place,
    /// Where it comes from, if the place is none of the file's.
    pub(super) cause: Option<Place>,
    pub(super) told: Told,
    pub(super) suggestion: Option<String>,
}

/// What was found so far.
struct Check<'a> {
    plan: &'a WorldPlan,
    start: Timestamp,
    validities: Validities,
    /// How many authorities stand from each up to its root, itself included; of those that hang together.
    depths: BTreeMap<&'a AuthorityId, usize>,
    /// Nothing is wrong with the authorities, so that it can be told what they certify.
    authorities_are_sound: bool,
    misfits: Vec<Misfit>,
}

/// All that is wrong with a plan.
pub(super) fn problems(plan: &WorldPlan, present: Timestamp) -> Vec<Misfit> {
    let (start, validities, misfits) = (world::time::whole_seconds(present), Validities::default(), Vec::new());
    let depths = BTreeMap::new();
    let mut check = Check { plan, start, validities, depths, authorities_are_sound: false, misfits };
    limits::check(&mut check);
    if !check.misfits.is_empty() {
        return check.misfits; // nobody looks at that much
    }
    match plan.start.map(|start| start.at(present)) {
        Some(Ok(start)) => check.start = start,
        Some(Err(error)) => check.misfit(whole("start"), told!("start", "start").colon(error.told())),
        None => {}
    }
    if check.start >= world::time::LAST {
        let start = check.start;
        let told = told!(
            "start: nothing that begins at {start} is ever valid: wanted a time before the last day of 9999",
            "start: {start} に始まるものは有効になりません。9999 年の最後の日より前の時刻を書きます"
        );
        check.misfit(whole("start"), told);
        return check.misfits;
    }
    let empty = [
        ("authority", plan.authorities.is_empty()),
        ("credential", plan.credentials.is_empty()),
        ("time_stamping_unit", plan.units.is_empty()),
        ("organization", plan.organizations.is_empty()),
    ];
    for (table, _) in empty.into_iter().filter(|(_, is_empty)| *is_empty) {
        let told = told!(
            "a world has at least one [[{table}]]; leave {table} out for those of the default plan",
            "ワールドには [[{table}]] が少なくとも一つ必要です。{table} を書かなければ既定の設計のものになります"
        );
        check.misfit(whole(table), told);
    }
    authorities::check(&mut check);
    check.authorities_are_sound = check.misfits.is_empty();
    holders::check(&mut check);
    check.misfits
}

/// A member of the plan itself.
fn whole(table: &'static str) -> Place {
    Place { table, index: usize::MAX, member: "" }
}

impl<'a> Check<'a> {
    fn misfit(&mut self, place: Place, told: Told) {
        self.misfits.push(Misfit { place, cause: None, told, suggestion: None });
    }

    /// The same where something else is the cause.
    fn misfit_since(&mut self, place: Place, cause: Option<Place>, told: Told) {
        self.misfits.push(Misfit { place, cause, told, suggestion: None });
    }

    /// Something is named that is not there.
    fn unknown<'n>(&mut self, place: Place, told: Told, found: &str, known: impl Iterator<Item = &'n str>) {
        let known: Vec<&str> = known.collect();
        let suggestion = nearest(found, known.iter().copied()).map(str::to_owned);
        let shown = |between: &str| known.iter().take(SHOWN).copied().collect::<Vec<_>>().join(between);
        let (shown, in_japanese, more) = (shown(", "), shown("、"), known.len().saturating_sub(SHOWN));
        let there = match (known.len(), more) {
            (0, _) => told!("there is none", "一つもありません"),
            (_, 0) => told!("there is {shown}", "あるもの: {in_japanese}"),
            (_, more) => told!("there is {shown} and {more} more", "あるもの: {in_japanese}、ほか {more}"),
        };
        self.misfits.push(Misfit { place, cause: None, told: told.colon(there), suggestion });
    }

    /// Each name once.
    fn no_name_twice<'n>(
        &mut self,
        table: &'static str,
        member: &'static str,
        names: impl Iterator<Item = &'n str>,
        what: fn(&str) -> Told,
    ) {
        let mut known = BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !known.insert(name) {
                let twice = told!(": there is one with that {member} already", ": 同じ {member} のものが既にあります");
                self.misfit(Place { table, index, member }, what(name).then(twice));
            }
        }
    }

    /// Something is told of that place already.
    fn is_told(&self, place: Place) -> bool {
        self.misfits.iter().any(|misfit| misfit.place == place)
    }

    /// Whom a certificate names has to be somebody whom the CA certifies. What is wrong with one of the names hides nothing of the others.
    /// `organization`: the member that gives the organisation's name.
    fn subject(&mut self, place: Place, what: &Told, organization: &'static str, subject: &Subject) -> bool {
        let mut is_sound = true;
        for (member, alone) in one_by_one(organization, subject) {
            if let Err(error) = alone.to_name() {
                is_sound = false;
                let told = match member == "registered_name" {
                    true => what.colon(Told::alike(member)).colon(error.told()),
                    false => what.colon(error.told()),
                };
                self.misfit(Place { member, ..place }, told);
            }
        }
        if let (true, Err(error)) = (is_sound, subject.to_name()) {
            is_sound = false;
            self.misfit(Place { member: organization, ..place }, what.colon(error.told())); // each may stand there, together they may not
        }
        is_sound
    }

    /// Whatever is valid for so long from `begins` on ends within the years that certificates can carry. What is no longer than usual is
    /// cut there, so that the default plan can start in any year.
    fn within_years(&mut self, place: Place, what: &Told, duration: Duration, begins: Timestamp) -> bool {
        let length = |duration: Duration| duration.until(Timestamp::UNIX_EPOCH);
        let fits = duration.after(begins).is_ok() || length(duration) <= length(LONGEST_USUAL);
        if !fits {
            let member = place.member;
            let told = told!(
                ": {member} of {duration} from {begins} on ends after the year 9999, which no certificate can carry",
                ": {begins} から {duration} の {member} は、証明書に書けない 9999 年より後に終わります"
            );
            self.misfit(place, what.then(told));
        }
        fits
    }

    fn positive(&mut self, place: Place, what: &Told, duration: Option<Duration>) -> bool {
        let ends = duration.is_none_or(|duration| duration.until(self.start) > self.start);
        if !ends {
            let (member, found) = (place.member, duration.expect("an absent one is fine"));
            let told = told!(
                ": {member} wants a duration above 0, such as 90d; found {found}",
                ": {member} は 0 より長い期間です（例: 90d）。{found} と書かれています"
            );
            self.misfit(place, what.then(told));
        }
        ends
    }
}

/// The same subject four times, each with one of its own names and others that are sound.
fn one_by_one(organization: &'static str, subject: &Subject) -> [(&'static str, Subject); 4] {
    let Subject { organization: name, organization_identifier, common_name, country } = subject.clone();
    [
        (organization, Subject { organization: name, ..sound() }),
        ("organization_identifier", Subject { organization_identifier, ..sound() }),
        ("common_name", Subject { common_name, ..sound() }),
        ("country", Subject { country, ..sound() }),
    ]
}

/// A subject that may stand in certificates.
fn sound() -> Subject {
    Subject {
        organization: "Sound".into(),
        organization_identifier: super::CERTIFICATION_SERVICES_IDENTIFIER.into(),
        common_name: "Sound".into(),
        country: super::HOME.into(),
    }
}

/// Whether the CA takes that name, as such.
fn named(subject: Option<Subject>) -> Result<(), ca::Error> {
    subject.map_or(Ok(()), |subject| subject.to_name().map(drop))
}
