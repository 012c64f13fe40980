//! What makes two certificates the same one. In: whose it is and what it says, or a key that the registrar gave. Out: the key under
//! which it is found again, and a digest of all that it says: the same key with another digest is a changed certificate.

use std::collections::HashMap;

use jiff::Timestamp;
use pki::DigestAlgorithm;
use sealing::Level;
use serde::Serialize;
use world::store::{Store, Value, composed, steps};

use crate::completion::{Achievement, Completion};
use crate::error::Error;
use crate::number::CertificateNumber;
use crate::standing::{self, Life};
use crate::template::USUAL;

/// Of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// SHA-256, lower hex.
    pub(crate) key: String,
    /// SHA-256 of the completion data but for their level, lower hex.
    pub(crate) content: String,
}

impl Identity {
    /// Of a certificate that nobody gave a key: organization, recipient's identifier, achievement, day of completion, template; in whichever
    /// version until [`Identity::under`] says so.
    pub(crate) fn of(organization: &str, completion: &Completion) -> Identity {
        let what = match completion.achievement() {
            Some(Achievement { id: Some(id), .. }) => [id.as_str(), ""],
            Some(Achievement { name_ja, name_en, .. }) => [name_ja.as_str(), name_en.as_str()],
            None => ["", ""],
        };
        let template = completion.template().unwrap_or(USUAL);
        let day = completion.completed_on().to_string();
        let who = &completion.recipient().identifier;
        let key = digest(&("made", organization, who, what, day, template));
        Identity { key, content: Identity::content_of(completion) }
    }

    /// The same under a version of its template: another certificate than under any other version. What the first version made has the key that
    /// it had before versions counted, so that it is found.
    pub(crate) fn under(self, version: u32) -> Identity {
        match version {
            0 | 1 => self,
            _ => Identity { key: digest(&("version", &self.key, version)), content: self.content },
        }
    }

    /// Of a certificate with the registrar's own key, which counts within the organization.
    pub(crate) fn given(key: &str, organization: &str, completion: &Completion) -> Identity {
        Identity { key: digest(&("given", organization, key)), content: Identity::content_of(completion) }
    }

    /// A digest of all that it says. Its level is not among that: whether the data or whoever issues them name it is the same.
    pub(crate) fn content_of(completion: &Completion) -> String {
        match completion.level() {
            None => digest(completion),
            Some(_) => digest(&completion.clone().without_level()),
        }
    }

    /// For whom a number is taken, so that another attempt at the same row finds it, in whichever batch.
    pub(crate) fn for_whom(&self) -> Vec<u8> {
        DigestAlgorithm::Sha256.digest(format!("row {}", self.key).as_bytes()).as_bytes().to_vec()
    }
}

/// What was issued under a key.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// Digest of its completion data; of what earlier versions issued, with their level.
    pub(crate) content: String,
    pub(crate) number: CertificateNumber,
    /// Its completion data, JSON.
    pub(crate) completion: Option<String>,
    pub(crate) level: Option<Level>,
    /// What became of it.
    pub(crate) life: Life,
    /// If another took its place: the last that did, and its completion data, JSON.
    pub(crate) instead: Option<(CertificateNumber, String)>,
}

/// Which of these keys have a certificate already, and which.
pub(crate) async fn issued(
    store: &Store,
    keys: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, Issued>, Error> {
    let keys: Vec<Value<'_>> = keys.into_iter().map(Value::from).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> = (1..=keys.len()).map(|place| format!("${place}")).collect();
    let text = format!(
        "SELECT found.key AS key, found.content AS content, found.number AS number, issued.completion AS completion, issued.level AS level \
         FROM certificate_key AS found LEFT JOIN issued_certificate AS issued ON issued.number = found.number \
         WHERE found.key IN ({})",
        places.join(", ")
    );
    let select = keys.into_iter().fold(composed(text), |select, key| select.bind(key));
    let rows = select.fetch_all(store).await?;
    let numbers: Vec<String> = rows.iter().map(|row| row.get("number")).collect::<Result<_, _>>()?;
    let mut lives = standing::store::lives(store, &numbers).await?;
    let mut instead = instead(store, &numbers).await?;
    let issued = rows.iter().zip(numbers).map(|(row, number)| {
        let level: Option<String> = row.get("level")?;
        let level = level.map(|level| level.parse()).transpose();
        let issued = Issued {
            content: row.get("content")?,
            number: number.parse()?,
            completion: row.get("completion")?,
            level: level.map_err(|_| Error::Stored { what: "the level of a certificate" })?,
            life: lives.remove(&number).unwrap_or_default(),
            instead: instead.remove(&number),
        };
        Ok((row.get("key")?, issued))
    });
    issued.collect()
}

/// What took the place of those in the end, with its completion data.
async fn instead(store: &Store, numbers: &[String]) -> Result<HashMap<String, (CertificateNumber, String)>, Error> {
    let last = standing::store::last_successors(store, numbers, Timestamp::MAX).await?;
    let wanted: Vec<String> = last.values().map(ToString::to_string).collect();
    let mut data: HashMap<String, String> = HashMap::new();
    for step in steps(&wanted) {
        let places: Vec<String> = (1..=step.len()).map(|place| format!("${place}")).collect();
        let text = format!("SELECT number, completion FROM issued_certificate WHERE number IN ({})", places.join(", "));
        for row in step.iter().fold(composed(text), |query, number| query.bind(number)).fetch_all(store).await? {
            data.insert(row.get("number")?, row.get("completion")?);
        }
    }
    let found = last.into_iter().filter_map(|(number, last)| {
        let data = data.get(&last.to_string())?.clone();
        Some((number, (last, data)))
    });
    Ok(found.collect())
}

/// SHA-256 over the JSON of a value, lower hex.
fn digest(value: &impl Serialize) -> String {
    let text = serde_json::to_vec(value).expect("texts can be written as JSON");
    DigestAlgorithm::Sha256.digest(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::tests::{example, example_with};

    #[test]
    fn the_same_person_course_and_day_is_the_same_certificate_whatever_else_it_says() {
        let of = |completion: &Completion| Identity::of("tbu", completion);
        let (one, spelt) = (of(&example()), of(&example_with(|data| data.recipient.name = "高橋 花子".to_owned())));
        assert!(one.key == spelt.key && one.content != spelt.content);
        let day = of(&example_with(|data| data.completed_on = jiff::civil::date(2025, 9, 27)));
        let person = of(&example_with(|data| data.recipient.identifier = "taro@example.ac.jp".to_owned()));
        let organization = Identity::of("other", &example());
        let given = Identity::given("2026-0001", "tbu", &example());
        let (first, second, third) = (of(&example()).under(1), of(&example()).under(2), of(&example()).under(3));
        assert_eq!(first, one, "what was issued before versions counted is found");
        for other in [&day, &person, &organization, &given, &second] {
            assert_ne!(one.key, other.key);
        }
        assert_ne!(second.key, third.key);
        assert_eq!((&one.content, &one.content), (&given.content, &second.content));
    }
}
