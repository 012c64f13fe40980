//! Stories played: each in a world of its own in memory, several at once, without a socket and without waiting.
//!
//! In: stories. Out: for each an [`Outcome`]: all as expected, or each difference, or the line at which it could not go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use validation::report::Outcome as CheckOutcome;

use crate::stage::{self, Judged, Stage};
use crate::story::step::Action;
use crate::story::step::Verify;
use crate::story::{Story, line, overall, time_stamp};

/// What became of a story.
#[derive(Debug)]
pub struct Outcome {
    /// The story.
    pub story: Arc<Story>,
    /// How it ended.
    pub ending: Ending,
    /// The steps that were played, with the time that each took.
    pub steps: Vec<Played>,
    /// The verdicts, in order.
    pub verdicts: Vec<Verdict>,
    /// How long it took, its world included.
    pub took: Duration,
    pub(crate) judged: Vec<(usize, Judged)>,
}

/// How a story ended.
#[derive(Debug)]
pub enum Ending {
    /// All as expected.
    Passed,
    /// At least one expectation was not met: the differences of each verdict tell which.
    Failed,
    /// A step could not be played.
    Error {
        /// Its line.
        line: usize,
        /// Why.
        error: Box<stage::Error>,
    },
}

/// A step that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// Its line.
    pub line: usize,
    /// How long it took.
    pub took: Duration,
}

/// What a verification came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The step's line.
    pub line: usize,
    /// The file that was judged.
    pub file: String,
    /// The validation time.
    pub at: Timestamp,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Every difference, as a sentence. None: as expected.
    pub differences: Vec<String>,
    /// The checks of the report that did not pass, if there is a difference.
    pub checks: Vec<String>,
}

impl Outcome {
    /// Whether all was as expected.
    pub fn is_passed(&self) -> bool {
        matches!(self.ending, Ending::Passed)
    }
}

/// Plays stories, as many at once as there are processors, and gives the outcomes in the order of the stories. `ended` is
/// told of each as soon as it and all before it have ended.
pub async fn play_all(stories: Vec<Story>, mut ended: impl FnMut(&Outcome)) -> Vec<Outcome> {
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let places = Arc::new(Semaphore::new(at_once));
    let mut playing = JoinSet::new();
    let count = stories.len();
    for (index, story) in stories.into_iter().enumerate() {
        let places = places.clone();
        playing.spawn(async move {
            let _place = places.acquire().await.expect("the semaphore is never closed");
            (index, play_guarded(Arc::new(story)).await)
        });
    }
    let mut outcomes: Vec<Option<Outcome>> = (0..count).map(|_| None).collect();
    let mut reported = 0;
    while let Some(joined) = playing.join_next().await {
        let (index, outcome) = joined.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        outcomes[index] = Some(outcome);
        while let Some(Some(next)) = outcomes.get(reported) {
            ended(next);
            reported += 1;
        }
    }
    outcomes.into_iter().flatten().collect()
}

/// Plays a story in a task of its own: a panic in it is its own outcome, and the other stories go on.
async fn play_guarded(story: Arc<Story>) -> Outcome {
    let started = Instant::now();
    match tokio::spawn(play_shared(story.clone())).await {
        Ok(outcome) => outcome,
        Err(failed) => {
            let error = Box::new(stage::Error::Panicked { text: failed.to_string() });
            Outcome { ending: Ending::Error { line: 1, error }, took: started.elapsed(), ..Outcome::of(story) }
        }
    }
}

/// Plays one story.
pub async fn play(story: Story) -> Outcome {
    play_shared(Arc::new(story)).await
}

async fn play_shared(story: Arc<Story>) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome::of(story.clone());
    let mut stage = match Stage::set(&story).await {
        Ok(stage) => stage,
        Err(error) => {
            outcome.ending = Ending::Error { line: 1, error: Box::new(error) };
            return outcome;
        }
    };
    for step in &story.steps {
        let began = Instant::now();
        match stage.play(&step.action).await {
            Ok(judged) => outcome.take(step.line, &step.action, judged),
            Err(error) => {
                outcome.ending = Ending::Error { line: step.line, error: Box::new(error) };
                break;
            }
        }
        outcome.steps.push(Played { line: step.line, took: began.elapsed() });
    }
    outcome.took = started.elapsed();
    outcome
}

impl Outcome {
    /// Before the first step.
    fn of(story: Arc<Story>) -> Outcome {
        let (steps, verdicts, judged) = (Vec::new(), Vec::new(), Vec::new());
        Outcome { story, ending: Ending::Passed, steps, verdicts, took: Duration::ZERO, judged }
    }

    fn take(&mut self, line: usize, action: &Action, judged: Option<Judged>) {
        let (Action::Verify(step), Some(judged)) = (action, judged) else { return };
        let verdict = verdict(line, step, &judged);
        if !verdict.differences.is_empty() {
            self.ending = Ending::Failed;
        }
        self.verdicts.push(verdict);
        self.judged.push((line, judged));
    }
}

fn verdict(line: usize, step: &Verify, judged: &Judged) -> Verdict {
    let differences = step.expect.differences(&judged.report, judged.times);
    let (indication, sub_indication) = overall(&judged.report);
    let found = sub_indication.map_or(indication.clone(), |sub_indication| format!("{indication}/{sub_indication}"));
    let checks = if differences.is_empty() { Vec::new() } else { not_passed(judged) };
    let expected = step.expect.conclusion();
    Verdict { line, file: judged.file.clone(), at: judged.at, expected, found, differences, checks }
}

/// Every check of a report that failed or warned, and what the time-stamps came to.
fn not_passed(judged: &Judged) -> Vec<String> {
    let mut lines = Vec::new();
    for seal in &judged.report.signatures {
        lines.push(format!("{}: {}", seal.field, seal.conclusion));
        let stamps = seal.timestamps.iter();
        lines.extend(stamps.map(|one| {
            let time = one.time.map_or_else(|| "?".into(), |time| time.to_string());
            format!("{}: {:?} time-stamp of {time}: {}", seal.field, one.kind, time_stamp(one.conclusion.0))
        }));
        let wrong = |outcome| matches!(outcome, CheckOutcome::Failed | CheckOutcome::Warning);
        let checks = seal.checks.iter().filter(|check| wrong(check.outcome));
        lines.extend(checks.map(|check| format!("{}: {:?} {}", seal.field, check.outcome, line(check))));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use validation::Failure::{Expired, NotYetValid, Revoked};
    use validation::{Conclusion, Input, Pdf, Policy};

    fn ask(judged: &Judged, anchors: bool, at: Timestamp) -> Option<validation::report::Report> {
        let trusted: Vec<_> = judged.anchors.iter().cloned().map(validation::Anchor::from).collect();
        let parsed = pades::Document::parse(judged.pdf.as_slice());
        let input = Input {
            pdf: Pdf::of(&judged.pdf, &parsed),
            anchors: if anchors { &trusted } else { &[] },
            certificates: &judged.certificates,
            crls: &judged.crls,
            ocsp_responses: &judged.ocsp_responses,
            policy: &Policy::default(),
            memory: &pki::SignatureMemory::default(),
        };
        validation::validate(&input, at).ok()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_every_file_without_a_path_nothing_passes_and_time_improves_nothing() {
        let mut compared = 0;
        for outcome in play_all(crate::cases::all().unwrap(), |_| {}).await {
            for (line, judged) in &outcome.judged {
                let name = outcome.story.name();
                let alone = ask(judged, false, judged.at);
                for one in alone.iter().flat_map(|report| &report.signatures) {
                    assert!(!one.conclusion.is_passed() && !one.facts.path_to_anchor, "{name} {line}");
                }
                // All that a story's file was judged with was made before, or is from the future on purpose.
                let mut before: Option<validation::report::Report> = None;
                for years in [0, 1, 2, 3, 5, 10, 30] {
                    let at = judged.at + SignedDuration::from_hours(years * 24 * 365);
                    let Some(report) = ask(judged, true, at) else { continue };
                    for (was, is) in before.iter().flat_map(|report| &report.signatures).zip(&report.signatures) {
                        let begun = is_complete(judged, at);
                        let (was, is) = (was.conclusion, is.conclusion);
                        // That it was made too late or too early is proven by a time-stamp, which ends as well.
                        let proven =
                            matches!(was, Conclusion::Failed(Revoked | Expired | NotYetValid)) && !is.is_passed();
                        let sinks = was.severity() <= is.severity() || proven;
                        assert!(!begun || sinks, "{name} {line}: {was}, {is} at {at}");
                        compared += 1;
                    }
                    before = Some(report);
                }
            }
        }
        assert!(compared > 200, "{compared} verdicts were compared");
    }

    /// Whether everything at hand had been made, and had begun to be valid, a year before that time.
    fn is_complete(judged: &Judged, at: Timestamp) -> bool {
        let before = at - SignedDuration::from_hours(24 * 365);
        let stamps = judged.report.signatures.iter().flat_map(|one| &one.timestamps).filter_map(|stamp| stamp.time);
        let lists = judged.crls.iter().map(pki::Crl::this_update);
        let answers = judged.ocsp_responses.iter().map(pki::SuccessfulOcspResponse::produced_at);
        let begun = judged.certificates.iter().chain(&judged.anchors).map(pki::Certificate::not_before);
        stamps.chain(lists).chain(answers).chain(begun).all(|time| time <= before)
    }
}
