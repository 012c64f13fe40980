//! Certificates about the same, though they are others by their keys: one person, one achievement, one day. In: completion data that are
//! about to be issued. Out: a certificate about the same that counts, so that whoever issues a second one knows.
//!
//! With a key and without one, under another key, or with an identifier in other letters, nothing else would tell.

use std::collections::{BTreeSet, HashMap};

use world::store::{Row, Value, composed};

use crate::api::StandingState;
use crate::completion::Completion;
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::register::Words;
use crate::register::words::both;
use crate::search::form;
use crate::standing;
use crate::store::Issued;
use crate::template::USUAL;

/// How many certificates are looked at for some rows: those of a person are few.
const MOST: u32 = 4096;

/// What two certificates have in common that are about the same; none of what certifies no achievement: of that one person may have many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Likeness {
    organization: String,
    identifier: String,
    achievement: [String; 2],
    day: String,
    template: String,
}

impl Likeness {
    pub(crate) fn of(organization: &str, completion: &Completion) -> Option<Likeness> {
        let achievement = completion.achievement()?;
        let achievement = match &achievement.id {
            Some(id) => [id.clone(), String::new()],
            None => [form::own(&achievement.name_ja), form::own(&achievement.name_en)],
        };
        Some(Likeness {
            organization: organization.to_owned(),
            identifier: form::kept(&completion.recipient().identifier),
            achievement,
            day: completion.completed_on().to_string(),
            template: completion.template().unwrap_or(USUAL).to_owned(),
        })
    }
}

/// What is said of a row about whose like there is a certificate.
pub(crate) fn told(number: &CertificateNumber) -> Words {
    both!(
        "the same achievement of the same person and day was issued as {number} too, under another key",
        "同じ人、同じ講座、同じ日の証明書が、別のキーで {number} としても発行されています"
    )
}

/// For each of these data, with the organization that issues them, the certificates about the same that count, the newest first.
pub(crate) async fn issued(
    issuer: &Issuer,
    wanted: &[(&str, &Completion)],
) -> Result<Vec<Vec<CertificateNumber>>, Error> {
    let wanted: Vec<Option<Likeness>> =
        wanted.iter().map(|(organization, completion)| Likeness::of(organization, completion)).collect();
    let identifiers: BTreeSet<&str> = wanted.iter().flatten().map(|one| one.identifier.as_str()).collect();
    let mut found: HashMap<Likeness, Vec<CertificateNumber>> = HashMap::new();
    for (likeness, number) in of_people(issuer, &identifiers).await? {
        found.entry(likeness).or_default().push(number);
    }
    let others = |one: &Option<Likeness>| one.as_ref().and_then(|one| found.get(one)).cloned();
    Ok(wanted.iter().map(|one| others(one).unwrap_or_default()).collect())
}

/// The newest other certificate about the same as one, if there is any that counts.
pub(crate) async fn beside(issuer: &Issuer, issued: &Issued) -> Result<Option<CertificateNumber>, Error> {
    let completion = Completion::from_kept(issued.completion.as_bytes())?;
    let Some(likeness) = Likeness::of(&issued.summary.organization, &completion) else { return Ok(None) };
    let found = of_people(issuer, &BTreeSet::from([likeness.identifier.as_str()])).await?;
    let mut others = found.into_iter().filter(|(other, number)| *other == likeness && *number != issued.summary.number);
    Ok(others.next().map(|(_, number)| number))
}

/// The certificates of these people that count, the newest first.
async fn of_people(issuer: &Issuer, identifiers: &BTreeSet<&str>) -> Result<Vec<(Likeness, CertificateNumber)>, Error> {
    if identifiers.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=identifiers.len()).map(|place| format!("${place}")).collect();
    let text = format!(
        "SELECT listing.number AS number, listing.organization AS organization, issued.completion AS completion \
         FROM certificate_listing AS listing JOIN issued_certificate AS issued ON issued.number = listing.number \
         WHERE listing.identifier IN ({}) ORDER BY listing.issued_at DESC, listing.number DESC LIMIT {MOST}",
        places.join(", ")
    );
    let select = identifiers.iter().fold(composed(text), |select, one| select.bind(Value::from(*one)));
    let rows = select.fetch_all(&issuer.world.store).await?;
    let numbers: Vec<String> = rows.iter().map(|row| row.get("number")).collect::<Result<_, _>>()?;
    let lives = standing::store::lives(&issuer.world.store, &numbers).await?;
    let (first, at) = (&issuer.organizations[0].organization().id, issuer.now());
    let mut found = Vec::new();
    for (row, number) in rows.iter().zip(&numbers) {
        let counts = lives.get(number).is_some_and(|life| life.state_at(at) == StandingState::Valid);
        if let Some(likeness) = of_row(row, first)?.filter(|_| counts) {
            found.push((likeness, number.parse()?));
        }
    }
    Ok(found)
}

fn of_row(row: &Row, first: &str) -> Result<Option<Likeness>, Error> {
    let organization: Option<&str> = row.get("organization")?;
    let completion = Completion::from_kept(row.get::<&str>("completion")?.as_bytes());
    Ok(completion.ok().and_then(|completion| Likeness::of(organization.unwrap_or(first), &completion)))
}
