//! Which certificates there are. In: what somebody looks for, and where the page before ended. Out: a page, newest first.
//!
//! Each page is read along an index that has its rows in the order of the list: the most telling of the members that are asked for
//! chooses the index, the others are compared row by row. So a page costs the same at the beginning and at the end of a hundred
//! thousand certificates, and a page that finds little ends after a known number of rows and says where to go on.

pub(crate) mod form;
pub(crate) mod store;

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::api::{IssuedCertificates, IssuedSummary, ListQuery, ListedCertificate, StandingFact, StandingState};
use crate::completion::{japanese_date, japanese_offset};
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::standing;
use store::{Along, Entry, Place};

/// How many certificates a page has if nothing is said.
const PAGE: u32 = 100;

/// How many it may have.
const LARGEST_PAGE: u32 = 1000;

/// How many rows are read at a time.
const ROWS: u32 = 512;

/// How many rows are looked at for one page: some tenths of a second.
const MOST_ROWS: usize = 20_000;

/// What somebody looks for, in the form in which it is kept.
struct Search {
    after: Option<CertificateNumber>,
    limit: usize,
    state: Option<StandingState>,
    organization: Option<String>,
    recipient: Option<String>,
    achievement: Option<String>,
    number: Option<CertificateNumber>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// The day in Japan.
    today: Date,
}

impl Issuer {
    /// A page of the certificates that are looked for.
    ///
    /// # Errors
    /// [`Error::SearchUnusable`] and [`Error::UnknownOrganization`] for what cannot be looked for;
    /// [`Error::Database`].
    pub async fn search(&self, query: &ListQuery) -> Result<IssuedCertificates, Error> {
        let at = self.now();
        let search = Search::read(query, at)?;
        self.in_the_name_of(search.organization.as_deref())?;
        let mut begin = Place::newest(search.to);
        if let Some(after) = &search.after {
            let place = store::place(&self.world.store, after).await?;
            let place = place.ok_or_else(|| {
                unusable("after", ("the number of a certificate", "証明書の番号"), &after.to_string())
            })?;
            begin = begin.min(place);
        }
        let (found, next) = self.page(&search, begin, at).await?;
        let numbers: Vec<String> = found.iter().map(|(entry, _)| entry.number.clone()).collect();
        let summaries = crate::store::summaries(&self.world.store, &self.organizations[0], &numbers).await?;
        let mut summaries: HashMap<String, IssuedSummary> =
            summaries.into_iter().map(|summary| (summary.number.to_string(), summary)).collect();
        let listed = found.into_iter().filter_map(|(entry, facts)| {
            Some(ListedCertificate {
                summary: summaries.remove(&entry.number)?,
                state: Some(standing::state_at(&facts, entry.valid_until, at)),
                superseded_by: standing::successor_at(&facts, at).cloned(),
            })
        });
        Ok(IssuedCertificates { certificates: listed.collect(), next })
    }

    /// The certificates of a page, each with its facts, and where the next page begins.
    async fn page(
        &self,
        search: &Search,
        mut begin: Place,
        at: Timestamp,
    ) -> Result<(Vec<(Entry, Vec<StandingFact>)>, Option<CertificateNumber>), Error> {
        let (database, along) = (&self.world.store, search.along());
        let (mut found, mut rows) = (Vec::new(), 0);
        loop {
            let read = store::read(database, &along, &begin, search.from, ROWS).await?;
            let is_last = read.len() < ROWS as usize;
            let numbers: Vec<String> = read.iter().map(|entry| entry.number.clone()).collect();
            let mut facts = standing::store::by_number(database, &numbers).await?;
            for entry in read {
                let facts = facts.remove(&entry.number).unwrap_or_default();
                let place = entry.place();
                let state = standing::state_at(&facts, entry.valid_until, at);
                if search.is_met_by(&entry) && search.state.is_none_or(|wanted| wanted == state) {
                    if found.len() == search.limit {
                        return Ok((found, Some(begin.number.parse()?)));
                    }
                    found.push((entry, facts));
                }
                begin = place;
            }
            rows += ROWS as usize;
            if is_last {
                return Ok((found, None));
            }
            if rows >= MOST_ROWS {
                return Ok((found, Some(begin.number.parse()?)));
            }
        }
    }
}

impl Search {
    fn read(query: &ListQuery, now: Timestamp) -> Result<Search, Error> {
        let limit = query.limit.unwrap_or(PAGE);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            return Err(unusable("limit", ("1 to 1000", "1 から 1000 までの数"), &limit.to_string()));
        }
        let number = |member, text: &Option<String>| -> Result<Option<CertificateNumber>, Error> {
            let wrong = |text: &str| unusable(member, ("the number of a certificate", "証明書番号"), text);
            text.as_deref().map(|text| text.parse().map_err(|_| wrong(text))).transpose()
        };
        // A text that is empty is no search for everybody, and what no database keeps is found by none.
        let text = |member, expected, text: &Option<String>| match text.as_deref().map(|text| (text, form::kept(text)))
        {
            Some((text, kept)) if kept.is_empty() || kept.contains('\0') => Err(unusable(member, expected, text)),
            found => Ok(found.map(|(_, kept)| kept)),
        };
        let organization = text("organization", ("the id of an organization", "機関の ID"), &query.organization)?;
        Ok(Search {
            after: number("after", &query.after)?,
            limit: limit as usize,
            state: query.state,
            organization: organization.and(query.organization.clone()),
            recipient: text("recipient", ("a name or an identifier", "氏名または識別子"), &query.recipient)?,
            achievement: text("achievement", ("the name of an achievement", "学習成果の名称"), &query.achievement)?,
            number: number("number", &query.number)?,
            from: query.issued_from.as_deref().map(|text| moment("issued-from", text, Edge::Begin, now)).transpose()?,
            to: query.issued_to.as_deref().map(|text| moment("issued-to", text, Edge::End, now)).transpose()?,
            today: japanese_date(now),
        })
    }

    /// Along which index the certificates are read: that of the member which most probably leaves the fewest.
    fn along(&self) -> Along<'_> {
        match (&self.number, &self.recipient, self.state, &self.achievement, &self.organization) {
            (Some(number), ..) => Along::Number(number),
            (_, Some(recipient), ..) => Along::Recipient(recipient),
            (_, _, Some(StandingState::Suspended), ..) => Along::Fact("suspended"),
            (_, _, Some(StandingState::Revoked), ..) => Along::Fact("revoked"),
            (_, _, Some(StandingState::Superseded), ..) => Along::Fact("superseded"),
            (_, _, Some(StandingState::Expired), ..) => Along::Expired(self.today),
            (.., Some(achievement), _) => Along::Achievement(achievement),
            (.., Some(organization)) => Along::Organization(organization),
            _ => Along::Everything,
        }
    }

    fn is_met_by(&self, entry: &Entry) -> bool {
        let is =
            |wanted: &Option<String>, found: [&str; 2]| wanted.as_deref().is_none_or(|wanted| found.contains(&wanted));
        let number = self.number.as_ref().is_none_or(|number| number.to_string() == entry.number);
        number
            && is(&self.recipient, [&entry.recipient, &entry.identifier])
            && is(&self.achievement, [&entry.achievement_ja, &entry.achievement_en])
            && self.organization.as_ref().is_none_or(|id| entry.organization.as_ref() == Some(id))
    }
}

/// Of a day that edge is meant.
#[derive(Clone, Copy)]
enum Edge {
    Begin,
    End,
}

/// A time, or an edge of a day in Japan.
fn moment(member: &'static str, text: &str, edge: Edge, now: Timestamp) -> Result<Timestamp, Error> {
    let wrong = |expected: String, expected_ja: String| Error::SearchUnusable {
        member,
        expected,
        expected_ja,
        found: text.to_owned(),
    };
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        let midnight = japanese_offset().to_timestamp(day.at(0, 0, 0, 0));
        let midnight = midnight
            .map_err(|_| wrong("a day of the years 1 to 9999".into(), "西暦 1 年から 9999 年までの日付".into()))?;
        return Ok(match edge {
            Edge::Begin => midnight,
            Edge::End => midnight.saturating_add(SignedDuration::from_secs(86_399)).unwrap_or(midnight),
        });
    }
    let moment = world::time::parse(text, now).map_err(|error| {
        wrong(format!("a day or a time ({error})"), "日付または時刻（例: 2026-04-01、-30d）".to_owned())
    })?;
    Ok(world::time::whole_seconds(moment))
}

fn unusable(member: &'static str, (expected, expected_ja): (&str, &str), found: &str) -> Error {
    let (expected, expected_ja) = (expected.to_owned(), expected_ja.to_owned());
    Error::SearchUnusable { member, expected, expected_ja, found: found.to_owned() }
}

#[cfg(test)]
mod tests;
