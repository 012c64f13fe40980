//! What becomes of a row whose certificate was issued before. In: that certificate with all that is known of it, what the row says, and
//! what whoever sent it allows. Out: nothing is done, it is issued anew, or why it is not; the same for a batch and for its dry run.

use jiff::Timestamp;
use sealing::Level;
use serde::{Deserialize, Serialize};
use world::problem::Problem;

use crate::api::{ReissuedAbout, StandingAct, StandingState};
use crate::completion::Completion;
use crate::error::told::japanese_about;
use crate::identity::{Identity, Issued};
use crate::number::CertificateNumber;
use crate::register::Words;
use crate::register::words::both;
use crate::search::form;
use crate::standing;
use crate::template::USUAL;

/// What is issued anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Anew {
    /// What was issued with other content, or at a lower level: the new certificate takes the place of the old one.
    pub(crate) changed: bool,
    /// What was revoked, whatever it said: the old certificate stays revoked.
    #[serde(default)]
    pub(crate) revoked: bool,
    /// About what else the new certificate may be than the old one.
    #[serde(default)]
    pub(crate) another: Vec<ReissuedAbout>,
}

/// What becomes of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Nothing: its certificate says the same.
    Unchanged,
    /// Nothing, though something else is wanted, and why.
    Changed(Words),
    /// It is issued anew.
    Anew(Replaced),
}

/// The certificate that has the row's key until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// One with other content, whose place the new one takes.
    Superseded(CertificateNumber),
    /// One with the same content at a lower level, whose place the new one takes.
    Lifted(CertificateNumber),
    /// One that was revoked before, and stays so; or whose place a certificate about somebody or something else took, and keeps.
    Over(CertificateNumber),
}

impl Replaced {
    pub(crate) fn number(&self) -> &CertificateNumber {
        match self {
            Replaced::Superseded(number) | Replaced::Lifted(number) | Replaced::Over(number) => number,
        }
    }
}

impl Anew {
    /// Decides of a row with those data, which is to have that level.
    pub(crate) fn decide(&self, issued: &Issued, completion: &Completion, level: Level, at: Timestamp) -> Again {
        let state = issued.life.state_at(at);
        if state == StandingState::Revoked && self.revoked {
            return Again::Anew(Replaced::Over(issued.number.clone()));
        }
        let replaceable = state.possible().contains(&StandingAct::Reissue);
        let replaceable = replaceable && standing::successor(&issued.life.facts).is_none();
        let before = issued.completion.as_ref().and_then(|data| Completion::from_kept(data.as_bytes()).ok());
        let content = Identity::content_of(completion);
        let same =
            issued.content == content || before.as_ref().is_some_and(|before| content == Identity::content_of(before)); // kept with its level
        let low = issued.level.filter(|had| *had < level);
        let elsewhere = issued.instead.as_ref().filter(|_| state == StandingState::Superseded);
        if let Some(elsewhere) = elsewhere.and_then(|(number, data)| about_another(number, data, completion)) {
            return self.decide_of_nobody(issued, before.as_ref(), completion, elsewhere);
        }
        if same && (low.is_none() || state != StandingState::Valid) {
            return Again::Unchanged;
        }
        if !replaceable {
            let told = standing::told(&issued.life, at);
            return Again::Changed(told.unwrap_or_else(|| with_a_successor(issued)));
        }
        let about = before.as_ref().and_then(|before| self.not_allowed(before, completion));
        if let Some((about, old, new)) = about {
            return Again::Changed(another(&issued.number, about, &old, &new));
        }
        match (self.changed, low.filter(|_| same)) {
            (true, None) => Again::Anew(Replaced::Superseded(issued.number.clone())),
            (true, Some(_)) => Again::Anew(Replaced::Lifted(issued.number.clone())),
            (false, Some(had)) => Again::Changed(lower(had, level)),
            (false, None) => Again::Changed(other_content()),
        }
    }

    /// The same where the place of its certificate was taken by one about somebody or something else: nobody has one of what the row says.
    fn decide_of_nobody(
        &self,
        issued: &Issued,
        before: Option<&Completion>,
        completion: &Completion,
        why: Words,
    ) -> Again {
        match before.and_then(|before| self.not_allowed(before, completion)) {
            Some((about, old, new)) => Again::Changed(another(&issued.number, about, &old, &new)),
            None if self.changed => Again::Anew(Replaced::Over(issued.number.clone())),
            None => Again::Changed(why),
        }
    }

    /// About what else the row is than the certificate, unless that is allowed; and both.
    fn not_allowed(&self, before: &Completion, now: &Completion) -> Option<(ReissuedAbout, String, String)> {
        differences(before, now).find(|(about, ..)| !self.another.contains(about))
    }
}

/// About what else one is than the other, and both.
fn differences(before: &Completion, now: &Completion) -> impl Iterator<Item = (ReissuedAbout, String, String)> + use<> {
    let whose = |completion: &Completion| {
        let recipient = completion.recipient();
        format!("{} ({})", recipient.identifier, recipient.name)
    };
    let identifier = |completion: &Completion| form::own(&completion.recipient().identifier);
    let template = |completion: &Completion| completion.template().unwrap_or(USUAL).to_owned();
    let recipient = (identifier(before) != identifier(now)).then(|| (whose(before), whose(now)));
    let printed = (template(before) != template(now)).then(|| (template(before), template(now)));
    let achieved = standing::other_achievement(before.achievement(), now.achievement());
    let all = [
        (ReissuedAbout::Recipient, recipient),
        (ReissuedAbout::Template, printed),
        (ReissuedAbout::Achievement, achieved),
    ];
    all.into_iter().filter_map(|(about, differs)| differs.map(|(old, new)| (about, old, new)))
}

/// What is said of a row whose certificate's place was taken by one that is about somebody or something else, if it is.
fn about_another(number: &CertificateNumber, data: &str, completion: &Completion) -> Option<Words> {
    let instead = Completion::from_kept(data.as_bytes()).ok()?;
    let (about, ours, theirs) = differences(completion, &instead).next()?;
    let word = japanese_about(about);
    Some(both!(
        "{number} has taken the place of its certificate, and is about another {about}: {theirs}; the row is about {ours}, of whom or which no certificate counts. To issue it anew, ask for reissue (--reissue)",
        "証明書は {number} に差し替えられていますが、{word}が違います: {number} は {theirs}、この行は {ours} です。この行の有効な証明書はありません。改めて発行するには再発行（--reissue）を指定してください"
    ))
}

/// About what else certificates may be that take the place of others: words of [`ReissuedAbout`] between commas.
///
/// # Errors
/// 400 for another word, and for any if nothing is replaced.
pub(crate) fn about(text: &str, reissue: bool) -> Result<Vec<ReissuedAbout>, Problem> {
    if !reissue && !text.trim().is_empty() {
        let ja = "another は reissue=true と一緒に指定してください。なければ何も差し替えられません";
        let problem = "another: wanted with reissue=true, without which nothing is replaced";
        return Err(Problem::bad_request(problem).in_japanese(ja.into()));
    }
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            serde_json::from_value(word.into()).map_err(|_| {
                let problem = format!("another: wanted recipient, achievement or template, found {word:?}");
                let ja = format!("another: recipient、achievement、template のどれかが必要ですが、{word:?} です");
                Problem::bad_request(problem).in_japanese(ja)
            })
        })
        .collect()
}

/// What is said of a row with other content, if nobody asked to issue it anew.
pub(crate) fn other_content() -> Words {
    both!(
        "it was issued before with other content; to issue it anew, ask for reissue (--reissue)",
        "別の内容で発行済みです。発行し直すには再発行（--reissue）を指定してください"
    )
}

/// Of one that another batch, or somebody else, issued while this one was made.
pub(crate) fn meanwhile() -> Words {
    both!(
        "it was issued meanwhile, with other content; send the row again to decide what becomes of it",
        "この間に別の内容で発行されました。この行をもう一度送って判断してください"
    )
}

fn lower(had: Level, level: Level) -> Words {
    both!(
        "it was issued before at {had}, and {level} is asked for; to issue it anew at {level}, under another number, ask for reissue (--reissue); the level of a file that was issued is not raised",
        "{had} で発行済みですが、{level} が指定されています。{level} で発行し直すには再発行（--reissue）を指定してください。新しい番号になります。発行済みのファイルのレベルは上げられません"
    )
}

fn another(number: &CertificateNumber, about: ReissuedAbout, old: &str, new: &str) -> Words {
    let word = japanese_about(about);
    both!(
        "its key is that of {number}, which is about another {about}: {old}; the row is about {new}. Give the row a key of its own; or, if {number} is to be replaced by it, ask for reissue and say so (--reissue --another {about})",
        "この行のキーは {number} のもので、{word}が違います: {number} は {old}、この行は {new} です。行に別のキーを付けてください。{number} を差し替える場合は、再発行とともに指定してください（--reissue --another {about}）"
    )
}

/// The clock was set back to before another certificate took its place.
fn with_a_successor(issued: &Issued) -> Words {
    let successor = standing::successor(&issued.life.facts).map(ToString::to_string).unwrap_or_default();
    both!(
        "{successor} takes the place of its certificate at a later time of the clock",
        "時計の先の時刻で、{successor} に差し替えられています"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{StandingEvent, StandingFact};
    use crate::completion::tests::{example, example_with};
    use crate::standing::Life;

    fn at() -> Timestamp {
        "2026-11-24T09:00:00Z".parse().unwrap()
    }

    fn number() -> CertificateNumber {
        CertificateNumber::new("TBU", 2026, 1).unwrap()
    }

    fn issued(level: Level, facts: Vec<StandingFact>) -> Issued {
        let completion = Some(serde_json::to_string(&example()).unwrap());
        let content = Identity::of("tbu", &example()).content;
        let life = Life { facts, valid_until: None };
        Issued { content, number: number(), completion, level: Some(level), life, instead: None }
    }

    fn fact(event: StandingEvent) -> StandingFact {
        let (reason, recorded_by) = ("wrong person".to_owned(), "client".to_owned());
        StandingFact { event, reason, recorded_at: at(), recorded_by, since: at(), superseded_by: None }
    }

    fn decided(anew: &Anew, issued: &Issued, completion: &Completion) -> Again {
        anew.decide(issued, completion, Level::BLTA, at())
    }

    fn why(again: Again) -> String {
        match again {
            Again::Changed(Words { en, ja }) => format!("{en} {ja}"),
            other => panic!("{other:?}"),
        }
    }

    const REISSUE: Anew = Anew { changed: true, revoked: false, another: Vec::new() };

    #[test]
    fn a_key_that_belongs_to_somebody_else_replaces_nothing_unless_that_is_said() {
        let issued = issued(Level::BLTA, Vec::new());
        let other = example_with(|data| {
            data.recipient.name = "佐藤 次郎".to_owned();
            data.recipient.identifier = "jiro@example.ac.jp".to_owned();
        });
        for anew in [Anew::default(), REISSUE] {
            let told = why(decided(&anew, &issued, &other));
            for word in ["jiro@example.ac.jp (佐藤 次郎)", "高橋", "TBU-2026-000001-N", "--another recipient", "受講者"]
            {
                let word = if word == "高橋" { example().recipient().name.clone() } else { word.to_owned() };
                assert!(told.contains(&word), "{word}: {told}");
            }
        }
        let said = Anew { another: vec![ReissuedAbout::Recipient], ..REISSUE };
        assert_eq!(decided(&said, &issued, &other), Again::Anew(Replaced::Superseded(number())));
        let course = example_with(|data| {
            let achievement = data.achievement.as_mut().unwrap();
            achievement.id = None;
            (achievement.name_ja, achievement.name_en) = ("線形代数".to_owned(), "Linear algebra".to_owned());
        });
        assert!(why(decided(&said, &issued, &course)).contains("--another achievement"));
    }

    #[test]
    fn the_same_person_in_other_letters_and_a_corrected_name_are_the_same() {
        let issued = issued(Level::BLTA, Vec::new());
        let spelt = example_with(|data| {
            data.recipient.identifier = data.recipient.identifier.to_uppercase();
            data.recipient.name = "高橋 花子".to_owned();
        });
        assert_eq!(decided(&REISSUE, &issued, &spelt), Again::Anew(Replaced::Superseded(number())));
        assert!(why(decided(&Anew::default(), &issued, &spelt)).contains("other content"));
    }

    #[test]
    fn a_lower_level_is_told_and_lifted_by_a_reissue_whether_data_or_options_name_it() {
        let low = issued(Level::BT, Vec::new());
        let named = example_with(|data| data.level = Some(Level::BLTA));
        for completion in [&example(), &named] {
            let told = why(decided(&Anew::default(), &low, completion));
            assert!(told.contains("at B-T, and B-LTA is asked for; to issue it anew at B-LTA"), "{told}");
            assert!(!told.contains("extend"), "no command raises a level: {told}");
            assert_eq!(decided(&REISSUE, &low, completion), Again::Anew(Replaced::Lifted(number())));
            assert_eq!(decided(&Anew::default(), &issued(Level::BLTA, Vec::new()), completion), Again::Unchanged);
        }
        // As earlier programs kept it: with its level.
        let content = "of data with a level".to_owned();
        let completion = Some(serde_json::to_string(&named).unwrap());
        let earlier = Issued { content, completion, ..issued(Level::BLTA, Vec::new()) };
        assert_eq!(decided(&REISSUE, &earlier, &example()), Again::Unchanged);
    }

    #[test]
    fn a_successor_about_somebody_else_is_none_and_the_row_is_issued_if_that_is_asked_for() {
        let other = example_with(|data| data.recipient.identifier = "jiro@example.ac.jp".to_owned());
        let corrected = example_with(|data| data.recipient.name = "高橋 花子".to_owned());
        let instead = |data: &Completion| {
            let successor = CertificateNumber::new("TBU", 2026, 2).unwrap();
            let fact = StandingFact { superseded_by: Some(successor.clone()), ..fact(StandingEvent::Superseded) };
            let instead = Some((successor, serde_json::to_string(data).unwrap()));
            Issued { instead, ..issued(Level::BLTA, vec![fact]) }
        };
        let of_other = instead(&other);
        for row in [&example(), &corrected] {
            let told = why(decided(&Anew::default(), &of_other, row));
            assert!(told.contains("another recipient: jiro@example.ac.jp") && told.contains("--reissue)"), "{told}");
            assert_eq!(decided(&REISSUE, &of_other, row), Again::Anew(Replaced::Over(number())));
        }
        assert!(why(decided(&REISSUE, &of_other, &other)).contains("TBU-2026-000002-L has taken the place"));
        assert_eq!(decided(&REISSUE, &instead(&corrected), &example()), Again::Unchanged);
    }

    #[test]
    fn what_does_not_count_is_not_replaced_and_what_is_revoked_only_if_that_is_said() {
        let changed = example_with(|data| data.recipient.name = "高橋 花子".to_owned());
        let suspended = issued(Level::BT, vec![fact(StandingEvent::Suspended)]);
        assert!(why(decided(&REISSUE, &suspended, &changed)).contains("suspended"));
        assert_eq!(decided(&REISSUE, &suspended, &example()), Again::Unchanged, "whatever its level");
        let revoked = issued(Level::BLTA, vec![fact(StandingEvent::Revoked)]);
        assert!(why(decided(&REISSUE, &revoked, &changed)).contains("--reissue-revoked"));
        assert_eq!(decided(&REISSUE, &revoked, &example()), Again::Unchanged);
        let said = Anew { revoked: true, ..Anew::default() };
        for completion in [&changed, &example()] {
            assert_eq!(decided(&said, &revoked, completion), Again::Anew(Replaced::Over(number())));
        }
    }
}
