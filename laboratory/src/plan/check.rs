//! Whether a plan can be made: names that lead nowhere or stand twice, loops, validities outside an issuer's, keys that cannot do what
//! they are for. In: a plan and the present. Out: everything that is wrong, and where.

mod authorities;
mod holders;

use std::collections::BTreeSet;

use ca::Subject;
use jiff::Timestamp;
use world::time::Duration;

use super::WorldPlan;
use super::read::Place;
use super::validity::Validities;
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
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// What was found so far.
struct Check<'a> {
    plan: &'a WorldPlan,
    start: Timestamp,
    validities: Validities,
    /// Nothing is wrong with the authorities, so that it can be told what they certify.
    authorities_are_sound: bool,
    misfits: Vec<Misfit>,
}

/// All that is wrong with a plan.
pub(super) fn problems(plan: &WorldPlan, present: Timestamp) -> Vec<Misfit> {
    let (start, validities, misfits) = (world::time::whole_seconds(present), Validities::default(), Vec::new());
    let mut check = Check { plan, start, validities, authorities_are_sound: false, misfits };
    match plan.start.map(|start| start.at(present)) {
        Some(Ok(start)) => check.start = start,
        Some(Err(error)) => check.misfit(whole("start"), format!("start: {error}")),
        None => {}
    }
    if check.start >= world::time::LAST {
        let message = format!(
            "start: nothing that begins at {} is ever valid: wanted a time before the last day of 9999",
            check.start
        );
        check.misfit(whole("start"), message);
        return check.misfits;
    }
    let empty = [
        ("authority", plan.authorities.is_empty()),
        ("credential", plan.credentials.is_empty()),
        ("time_stamping_unit", plan.units.is_empty()),
        ("organization", plan.organizations.is_empty()),
    ];
    for (table, _) in empty.into_iter().filter(|(_, is_empty)| *is_empty) {
        let message = format!("a world has at least one [[{table}]]; leave {table} out for those of the default plan");
        check.misfit(whole(table), message);
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

impl Check<'_> {
    fn misfit(&mut self, place: Place, message: String) {
        self.misfits.push(Misfit { place, cause: None, message, suggestion: None });
    }

    /// The same where something else is the cause.
    fn misfit_since(&mut self, place: Place, cause: Option<Place>, message: String) {
        self.misfits.push(Misfit { place, cause, message, suggestion: None });
    }

    /// Something is named that is not there.
    fn unknown<'a>(&mut self, place: Place, message: String, found: &str, known: impl Iterator<Item = &'a str>) {
        let known: Vec<&str> = known.collect();
        let suggestion = nearest(found, known.iter().copied()).map(str::to_owned);
        let shown = known.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let there = match known.len() {
            0 => "there is none".into(),
            all if all > SHOWN => format!("there is {shown} and {} more", all - SHOWN),
            _ => format!("there is {shown}"),
        };
        self.misfits.push(Misfit { place, cause: None, message: format!("{message}: {there}"), suggestion });
    }

    /// Each name once.
    fn no_name_twice<'a>(
        &mut self,
        table: &'static str,
        member: &'static str,
        names: impl Iterator<Item = &'a str>,
        what: &str,
    ) {
        let mut known = BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !known.insert(name) {
                let message = format!("{what} {name:?}: there is one with that {member} already");
                self.misfit(Place { table, index, member }, message);
            }
        }
    }

    /// Something is told of that place already.
    fn is_told(&self, place: Place) -> bool {
        self.misfits.iter().any(|misfit| misfit.place == place)
    }

    /// Whom a certificate names has to be somebody whom the CA certifies.
    fn subject(&mut self, place: Place, what: &str, subject: Result<(), ca::Error>) {
        let Err(error) = subject else { return };
        let member = match &error {
            ca::Error::Subject { attribute, .. } => attribute,
            ca::Error::OrganizationIdentifier { .. } => "organization_identifier",
            ca::Error::KeyNotAccepted { .. } => "algorithm",
            _ => place.member,
        };
        self.misfit(Place { member, ..place }, format!("{what}: {error}"));
    }

    /// Whatever is valid for so long from `begins` on ends within the years that certificates can carry. What is no longer than usual is
    /// cut there, so that the default plan can start in any year.
    fn within_years(&mut self, place: Place, what: &str, duration: Duration, begins: Timestamp) -> bool {
        let length = |duration: Duration| duration.until(Timestamp::UNIX_EPOCH);
        let fits = duration.after(begins).is_ok() || length(duration) <= length(LONGEST_USUAL);
        if !fits {
            let message = format!(
                "{what}: {} of {duration} from {begins} on ends after the year 9999, which no certificate can carry",
                place.member
            );
            self.misfit(place, message);
        }
        fits
    }

    fn positive(&mut self, place: Place, what: &str, duration: Option<Duration>) -> bool {
        let ends = duration.is_none_or(|duration| duration.until(self.start) > self.start);
        if !ends {
            let found = duration.expect("an absent one is fine");
            self.misfit(
                place,
                format!("{what}: {} wants a duration above 0, such as 90d; found {found}", place.member),
            );
        }
        ends
    }
}

/// Whether the CA takes that name, as such.
fn named(subject: Option<Subject>) -> Result<(), ca::Error> {
    subject.map_or(Ok(()), |subject| subject.to_name().map(drop))
}
