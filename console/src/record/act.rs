//! What is done with a certificate by a form. In: the form, as it was sent. Out: the number of the certificate whose page is shown then, or
//! why nothing was done; and the form as it is shown, filled in with what was sent, else with what stands in the certificate.

use issuer::api::{IssuedRevocation, IssuedSummary, Reissue, StandingAct, StandingChange};
use issuer::{Completion, CompletionData};
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use laboratory::Laboratory;
use verifier::explanation::japan_time;
use world::problem::Problem;

use super::texts::Texts;
use crate::choice::Choice;
use crate::problem::PageProblem;
use crate::refusal::Refusal;

/// A form as it was sent.
pub(super) struct Sent(Vec<(String, String)>);

impl Sent {
    pub(super) fn read(form: &[u8]) -> Sent {
        Sent(form_urlencoded::parse(form).into_owned().collect())
    }

    /// What a field says, without blanks at its ends; nothing if it is empty or was not sent.
    fn said(&self, field: &str) -> Option<String> {
        let value = self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Whether the form has that field, if only to say that there is nothing.
    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }

    fn wanted(&self) -> Option<StandingAct> {
        let act = self.said("act")?;
        ACTS.into_iter().find(|one| value(*one) == act)
    }

    /// Whether no form of ours sent it.
    pub(super) fn is_of_no_act(&self) -> bool {
        self.wanted().is_none()
    }

    /// Does what is asked for, and gives the number of the certificate that there is to see then.
    pub(super) async fn act(&self, laboratory: &Laboratory, number: &str) -> Result<String, PageProblem> {
        let issuer = &laboratory.issuer;
        let (reason, by) = (self.said("reason").unwrap_or_default(), self.said("by"));
        let wanted = self.wanted().ok_or(Refusal::NoActOnCertificate)?;
        let standing = match wanted {
            StandingAct::Revoke => {
                let since = self.since(laboratory, number).await;
                issuer.revoke(number, &IssuedRevocation { reason, by, since }).await
            }
            StandingAct::Suspend => issuer.suspend(number, &StandingChange { reason, by }).await,
            StandingAct::Release => issuer.release(number, &StandingChange { reason, by }).await,
            StandingAct::Reissue => return self.reissue(laboratory, number, reason, by).await,
        };
        Ok(standing.map_err(Problem::from)?.number.to_string())
    }

    /// From when on; what a browser's field says is the time in Japan, as all times on the pages. It has no seconds: the minute of the issue is
    /// the moment of the issue.
    async fn since(&self, laboratory: &Laboratory, number: &str) -> Option<String> {
        let said = self.said("since")?;
        let in_japan = said.parse::<DateTime>().ok().filter(|_| said.len() > "2026-11-24".len());
        let Some(moment) = in_japan.and_then(|time| Offset::constant(9).to_timestamp(time).ok()) else {
            return Some(said);
        };
        let issued = laboratory.issuer.find(number).await.ok().map(|issued| issued.summary.issued_at);
        let is_its_minute = |issued: &Timestamp| said.len() == MINUTE.len() && of_minute(moment, *issued);
        Some(issued.filter(is_its_minute).unwrap_or(moment).to_string())
    }

    /// Issues it again: with what the form corrects, else with the same data.
    async fn reissue(
        &self,
        laboratory: &Laboratory,
        number: &str,
        reason: String,
        by: Option<String>,
    ) -> Result<String, PageProblem> {
        let level = self.said("level").map(|level| level.parse()).transpose().map_err(Problem::bad_request)?;
        let old = laboratory.issuer.find(number).await.map_err(Problem::from)?;
        let before: CompletionData = serde_json::from_str(&old.completion).map_err(Problem::internal)?;
        let corrected = self.corrected(before.clone())?;
        let completion = (corrected != before).then_some(corrected);
        let request = Reissue { another: Vec::new(), by, completion, level, reason, template_version: None };
        let (issuer, number) = (laboratory.issuer.clone(), number.to_owned());
        let work = async move { issuer.reissue(&number, request).await };
        let done = laboratory.world.pools.documents.run(work).await.map_err(Problem::from)?;
        let issued = done.map_err(Problem::from)?.issued;
        Ok(issued.summary.number.to_string())
    }

    /// The data with what the form says of the members that it shows.
    fn corrected(&self, mut data: CompletionData) -> Result<CompletionData, Refusal> {
        if self.has("name") {
            data.recipient.name = self.said("name").unwrap_or_default(); // nobody has none: it is refused
        }
        if self.has("name_roman") {
            data.recipient.name_roman = self.said("name_roman");
        }
        if self.has("completed_on") {
            let none = Refusal::NoDay { name: "completed_on", found: String::new() };
            data.completed_on = self.day("completed_on")?.ok_or(none)?;
        }
        if self.has("valid_until") {
            data.valid_until = self.day("valid_until")?;
        }
        Ok(data)
    }

    fn day(&self, name: &'static str) -> Result<Option<Date>, Refusal> {
        let day = self.said(name).map(|found| found.parse().map_err(|_| Refusal::NoDay { name, found }));
        day.transpose()
    }
}

/// A minute, as a browser's field says it.
const MINUTE: &str = "2026-11-24T18:00";

/// Whether that is a later moment of the minute that begins so.
fn of_minute(begins: Timestamp, moment: Timestamp) -> bool {
    moment >= begins && moment.duration_since(begins) < SignedDuration::from_mins(1)
}

/// A sentence with its times in Japan, as all times on the pages.
pub(super) fn in_japan(told: &str) -> String {
    let is_of_time = |sign: char| sign.is_ascii_digit() || "-:.TZ".contains(sign);
    let mut rest = told;
    let mut sentence = String::new();
    while let Some(begin) = rest.find(|sign: char| sign.is_ascii_digit()) {
        let (before, from) = rest.split_at(begin);
        let (word, after) = from.split_at(from.find(|sign| !is_of_time(sign)).unwrap_or(from.len()));
        sentence.push_str(before);
        let moment = word.split_once('Z').and_then(|(moment, end)| Some((format!("{moment}Z").parse().ok()?, end)));
        match moment {
            Some((moment, end)) => sentence.extend([japan_time(moment).as_str(), end]),
            None => sentence.push_str(word),
        }
        rest = after;
    }
    sentence + rest
}

/// What can be done, by its name in a form.
const ACTS: [StandingAct; 4] = [StandingAct::Revoke, StandingAct::Suspend, StandingAct::Release, StandingAct::Reissue];

fn value(act: StandingAct) -> &'static str {
    match act {
        StandingAct::Revoke => "revoke",
        StandingAct::Suspend => "suspend",
        StandingAct::Release => "release",
        StandingAct::Reissue => "reissue",
    }
}

/// The form for one act.
pub(super) struct Act {
    /// What it sends.
    pub(super) value: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Whether there is no way back.
    pub(super) is_grave: bool,
    /// Whether it was sent and refused.
    pub(super) is_open: bool,
    pub(super) reason: String,
    pub(super) by: String,
    /// Of a revocation: from when on.
    pub(super) since: Option<String>,
    pub(super) corrected: Option<Corrected>,
}

/// What may be corrected in a certificate that is issued again.
pub(super) struct Corrected {
    pub(super) name: String,
    pub(super) name_roman: String,
    pub(super) completed_on: String,
    pub(super) valid_until: String,
    pub(super) levels: Vec<Choice>,
}

impl Act {
    pub(super) fn new(
        act: StandingAct,
        summary: &IssuedSummary,
        completion: &Completion,
        sent: Option<&Sent>,
        text: &Texts,
    ) -> Act {
        let sent = sent.filter(|sent| sent.wanted() == Some(act));
        let said = |field: &str| sent.and_then(|sent| sent.said(field)).unwrap_or_default();
        let (name, about) = match act {
            StandingAct::Revoke => (text.revoke, text.revoke_about),
            StandingAct::Suspend => (text.suspend, text.suspend_about),
            StandingAct::Release => (text.release, text.release_about),
            StandingAct::Reissue => (text.reissue, text.reissue_about),
        };
        Act {
            value: value(act),
            name,
            about,
            is_grave: act == StandingAct::Revoke,
            is_open: sent.is_some(),
            reason: said("reason"),
            by: said("by"),
            since: (act == StandingAct::Revoke).then(|| said("since")),
            corrected: (act == StandingAct::Reissue).then(|| Corrected::new(summary, completion, sent)),
        }
    }
}

impl Corrected {
    fn new(summary: &IssuedSummary, completion: &Completion, sent: Option<&Sent>) -> Corrected {
        let shown = |field: &str, there: String| match sent {
            Some(sent) => sent.said(field).unwrap_or_default(),
            None => there,
        };
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let recipient = completion.recipient();
        let level = shown("level", summary.level.to_string());
        Corrected {
            name: shown("name", recipient.name.clone()),
            name_roman: shown("name_roman", recipient.name_roman.clone().unwrap_or_default()),
            completed_on: shown("completed_on", completion.completed_on().to_string()),
            valid_until: shown("valid_until", day(completion.valid_until())),
            levels: ["B-B", "B-T", "B-LT", "B-LTA"].map(|one| Choice::new(one, one, Some(&level))).into(),
        }
    }
}
