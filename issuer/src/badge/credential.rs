//! The credential itself: Open Badges 3.0, clauses B.1 and C.1, over the Verifiable Credentials Data Model 2.0. In: completion
//! data. Out: JSON.
//!
//! Who received the badge is only in it as a salted hash (IdentityObject, clause B.1.19) of the identifier and of the name: the
//! badge alone says nothing to a stranger, and whoever knows the learner can check that it is theirs. The certificate number is
//! the licence number, so that PDF and badge can be compared.

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::open_badges::{
    AchievementCredential, AchievementDescription, AchievementResult, AchievementSubject, Creator, Criteria,
    IdentityObject, Image, ResultDescription,
};
use super::picture::BadgePicture;
use crate::api::IssuerProfile;
use crate::completion::{Achievement, Bilingual, Completion, japanese_date, japanese_offset};
use crate::error::Error;
use crate::number::CertificateNumber;
use crate::settings::Settings;

/// VCDM 2.0 and the pinned Open Badges context: 3.0.3 is the last one, and a changed context is another credential.
const CONTEXTS: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];

/// An unsigned badge.
#[derive(Debug, Clone)]
pub struct BadgeCredential {
    content: AchievementCredential,
    picture: BadgePicture,
}

impl BadgeCredential {
    /// The badge for this completion: the same one for the same arguments.
    ///
    /// It is valid from the time of issue, or from the beginning of `issued_on` (in Japan) if that is another day, to the end of
    /// `valid_until`.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] if its days do not fit the time of issue, or it has no achievement.
    pub fn new(
        completion: &Completion,
        number: &CertificateNumber,
        settings: &Settings,
        picture: &BadgePicture,
        at: Timestamp,
    ) -> Result<Self, Error> {
        let days = completion.days(at)?;
        let issued_today = days.issued_on == japanese_date(at);
        let achievement = completion.certified_achievement()?;
        let content = AchievementCredential {
            contexts: CONTEXTS,
            id: uuid(&["credential", &settings.profile_address(), &number.to_string()]),
            types: ["VerifiableCredential", "OpenBadgeCredential"],
            name: both(&achievement.name_ja, Some(&achievement.name_en)),
            issuer: issuer_profile(settings),
            valid_from: if issued_today { world::time::whole_seconds(at) } else { moment(days.issued_on, [0, 0, 0]) },
            valid_until: days.valid_until.map(|last| moment(last, [23, 59, 59])),
            awarded_date: moment(days.completed_on, [0, 0, 0]),
            credential_subject: subject(completion, achievement, number, settings, picture),
        };
        Ok(Self { content, picture: picture.clone() })
    }

    /// What it says.
    pub(super) fn content(&self) -> &AchievementCredential {
        &self.content
    }

    /// Its id, a `urn:uuid`.
    pub fn id(&self) -> &str {
        &self.content.id
    }

    /// The id of its issuer.
    pub fn issuer_id(&self) -> &str {
        &self.content.issuer.id
    }

    /// The id of its subject, a `urn:uuid` that stands for the learner in this badge only.
    pub fn subject_id(&self) -> &str {
        &self.content.credential_subject.id
    }

    /// The picture that shows the badge.
    pub fn picture(&self) -> &BadgePicture {
        &self.picture
    }

    /// Begin of the validity, whole seconds.
    pub fn valid_from(&self) -> Timestamp {
        self.content.valid_from
    }

    /// End of the validity.
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.content.valid_until
    }
}

/// The issuer's profile (clause B.1.20), to be served at its id.
pub(crate) fn issuer_profile(settings: &Settings) -> IssuerProfile {
    let organization = settings.organization();
    IssuerProfile {
        description: "Issuer of a testbed. Its badges are samples, never proof of anything.".to_owned(),
        id: settings.profile_address(),
        name: both(&organization.name_ja, Some(&organization.name_en)),
        types: vec!["Profile".to_owned()],
    }
}

fn subject(
    completion: &Completion,
    achievement: &Achievement,
    number: &CertificateNumber,
    settings: &Settings,
    picture: &BadgePicture,
) -> AchievementSubject {
    let recipient = completion.recipient();
    let salt = settings.identity_salt(number);
    let kind = if recipient.identifier.contains('@') { "emailAddress" } else { "identifier" };
    let status = uuid(&["status", &achievement_id(achievement)]);
    let hours = uuid(&["hours", &achievement_id(achievement)]);
    let description = description(achievement, settings, picture, &status, &hours);
    let result =
        |result_description, status, value| AchievementResult { types: ["Result"], result_description, status, value };
    let mut results = vec![result(status, Some("Completed"), None)];
    results.extend(achievement.hours.map(|amount| result(hours, None, Some(amount.to_string()))));
    AchievementSubject {
        id: uuid(&["subject", &settings.profile_address(), &number.to_string()]),
        types: ["AchievementSubject"],
        identifier: [identity(kind, &recipient.identifier, &salt), identity("name", &recipient.name, &salt)],
        license_number: number.clone(),
        activity_end_date: moment(completion.completed_on(), [0, 0, 0]),
        credits_earned: achievement.credits,
        achievement: description,
        result: results,
    }
}

fn identity(kind: &'static str, value: &str, salt: &str) -> IdentityObject {
    let hash = Sha256::digest(format!("{value}{salt}"));
    IdentityObject {
        kind: "IdentityObject",
        hashed: true,
        identity_hash: format!("sha256${}", hex::encode(hash)),
        identity_type: kind,
        salt: salt.to_owned(),
    }
}

/// What there was to achieve; `status` and `hours` are the ids of its results.
fn description(
    achievement: &Achievement,
    settings: &Settings,
    picture: &BadgePicture,
    status: &str,
    hours: &str,
) -> AchievementDescription {
    let result = |id: &str, name, result_type| ResultDescription {
        id: id.to_owned(),
        types: ["ResultDescription"],
        name,
        result_type,
    };
    let mut results = vec![result(status, "修了 / Completion", "Status")];
    results.extend(achievement.hours.map(|_| result(hours, "学修時間 / Hours", "Result")));
    let name = both(&achievement.name_ja, Some(&achievement.name_en));
    AchievementDescription {
        id: achievement_id(achievement),
        types: ["Achievement"],
        achievement_type: "Course",
        name: name.clone(),
        description: lines(&achievement.description_ja, achievement.description_en.as_deref()),
        in_language: "ja",
        criteria: Criteria { narrative: narrative(achievement) },
        image: Image { id: settings.picture_address(picture.sha256()), kind: "Image", caption: name },
        creator: Creator {
            id: uuid(&["provider", &achievement.provider_ja]),
            types: ["Profile"],
            name: both(&achievement.provider_ja, achievement.provider_en.as_deref()),
        },
        credits_available: achievement.credits,
        result_description: results,
    }
}

/// What one had to do, with the descriptors that Open Badges has no member for, as Markdown.
fn narrative(achievement: &Achievement) -> String {
    let mut narrative = achievement.criteria.clone();
    let text = |text: &Bilingual| both(&text.ja, text.en.as_deref());
    if !achievement.outcomes.is_empty() {
        narrative.push_str("\n\n学修成果 / Learning outcomes:\n");
        achievement.outcomes.iter().for_each(|outcome| narrative.push_str(&format!("\n- {}", text(outcome))));
    }
    if let Some(assessment) = &achievement.assessment {
        narrative.push_str(&format!("\n\n評価 / Assessment: {}", text(assessment)));
    }
    narrative
}

fn achievement_id(achievement: &Achievement) -> String {
    let Achievement { id, name_ja, name_en, provider_ja, .. } = achievement;
    id.clone().unwrap_or_else(|| uuid(&["achievement", provider_ja, name_ja, name_en]))
}

fn both(ja: &str, en: Option<&str>) -> String {
    en.map_or_else(|| ja.to_owned(), |en| format!("{ja} / {en}"))
}

fn lines(ja: &str, en: Option<&str>) -> String {
    en.map_or_else(|| ja.to_owned(), |en| format!("{ja}\n{en}"))
}

/// A time of a day in Japan.
fn moment(date: Date, [hour, minute, second]: [i8; 3]) -> Timestamp {
    japanese_offset().to_timestamp(date.at(hour, minute, second, 0)).unwrap_or(Timestamp::MAX)
}

/// A name-based UUID of version 8 (RFC 9562 clause 5.8): the first 128 bits of SHA-256 over the parts, each ended by a zero byte.
fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes: [u8; 16] = std::array::from_fn(|place| digest[place]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex = hex::encode(bytes);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::super::tests::surroundings;
    use super::*;
    use crate::completion::CompletionData;
    use crate::completion::tests::{example, example_with};

    fn credential(completion: &Completion) -> BadgeCredential {
        let (settings, number, at) = surroundings();
        BadgeCredential::new(completion, &number, &settings, &BadgePicture::bundled().unwrap(), at).unwrap()
    }

    fn json(credential: &BadgeCredential) -> serde_json::Value {
        serde_json::to_value(credential.content()).unwrap()
    }

    #[test]
    fn the_badge_names_course_number_and_issuer_and_neither_learner_nor_address() {
        let json = json(&credential(&example())).to_string();
        for word in ["データサイエンス入門", "TBU-2026-000123-3", "試験大学", "http://127.0.0.1:8700/issuer/profile"]
        {
            assert!(json.contains(word), "{word}");
        }
        for word in ["花子", "Hanako", "hanako", "example.ac.jp"] {
            assert!(!json.contains(word), "{word}");
        }
    }

    #[test]
    fn whoever_knows_the_identifier_can_recompute_its_hash() {
        let credential = credential(&example());
        let identity = &json(&credential)["credentialSubject"]["identifier"][0];
        let salted = format!("hanako.takahashi@example.ac.jp{}", identity["salt"].as_str().unwrap());
        assert_eq!(identity["identityHash"], format!("sha256${}", hex::encode(Sha256::digest(salted))));
        assert_eq!(identity["identityType"], "emailAddress");
    }

    #[test]
    fn validity_is_in_whole_seconds_and_ends_with_the_last_day_in_japan() {
        let until = |data: &mut CompletionData| data.valid_until = Some(jiff::civil::date(2030, 3, 31));
        let credential = credential(&example_with(until));
        assert_eq!(json(&credential)["validFrom"], "2026-11-24T03:04:05Z");
        assert_eq!(json(&credential)["validUntil"], "2030-03-31T14:59:59Z");
        let completion = example_with(|data| data.issued_on = Some(jiff::civil::date(2026, 4, 1)));
        assert_eq!(json(&super::tests::credential(&completion))["validFrom"], "2026-03-31T15:00:00Z");
    }

    #[test]
    fn the_same_completion_gives_the_same_badge_and_ids_are_uuids_of_version_8() {
        let (first, again) = (credential(&example()), credential(&example()));
        assert_eq!(json(&first), json(&again));
        assert_ne!(first.id(), first.subject_id());
        assert!(first.id().starts_with("urn:uuid:") && first.id().as_bytes()[23] == b'8', "{}", first.id());
    }

    #[test]
    fn credits_and_hours_are_results() {
        let data = include_bytes!("../../../examples/certificate-credits.json");
        let subject = &json(&credential(&Completion::from_json(data).unwrap()))["credentialSubject"];
        assert_eq!(subject["creditsEarned"], 2);
        assert_eq!(subject["achievement"]["creditsAvailable"], 2);
        assert_eq!(subject["result"][1]["value"], "90");
        assert_eq!(subject["achievement"]["id"], "urn:example:micro-credential:intercultural-communication");
    }
}
