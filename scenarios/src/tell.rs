//! Outcomes told: a line for a person, JSON for a script, JUnit XML for a CI server. In: outcomes. Out: text.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};
use world::text::{visible, xml};

use crate::run::{Ending, Outcome};

/// Whether the text may have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// A terminal shows it.
    Yes,
    /// It goes to a file or pipe.
    No,
}

/// One line, and below it every difference if there are any.
pub fn for_people(outcome: &Outcome, colours: Colours) -> String {
    let (word, colour) = match outcome.ending {
        Ending::Passed => ("passed", 32),
        Ending::Failed => ("FAILED", 31),
        Ending::Error { .. } => ("ERROR ", 33),
    };
    let word = if colours == Colours::Yes { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.into() };
    let milliseconds = outcome.took.as_millis();
    let last = outcome.verdicts.last().map_or("", |verdict| verdict.found.as_str());
    let name = outcome.story.name();
    let mut text = format!("{word}  {name:<34} {last:<48} {milliseconds:>6} ms");
    for detail in details(outcome) {
        let _ = write!(text, "\n        {}", visible(&detail)); // writing to a String does not fail
    }
    text
}

/// What was not as expected, line by line.
fn details(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    for verdict in outcome.verdicts.iter().filter(|verdict| !verdict.differences.is_empty()) {
        let place = format!("line {}, {:?} at {}: ", verdict.line, verdict.file, verdict.at);
        lines.extend(verdict.differences.iter().map(|difference| format!("{place}{difference}")));
        lines.extend(verdict.checks.iter().map(|check| format!("  {check}")));
    }
    if let Ending::Error { line, error } = &outcome.ending {
        lines.push(format!("line {line}: {error}"));
    }
    lines
}

/// One object.
pub fn json(outcome: &Outcome) -> Value {
    let verdicts = outcome.verdicts.iter().map(|verdict| {
        json!({
            "line": verdict.line, "file": verdict.file, "at": verdict.at, "expected": verdict.expected,
            "found": verdict.found, "differences": verdict.differences, "checks": verdict.checks,
        })
    });
    let microseconds = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let steps = outcome.steps.iter().map(|step| json!({ "line": step.line, "microseconds": microseconds(step.took) }));
    let (result, line, error) = match &outcome.ending {
        Ending::Passed => ("passed", None, None),
        Ending::Failed => ("failed", None, None),
        Ending::Error { line, error } => ("error", Some(line), Some(error.to_string())),
    };
    json!({
        "case": outcome.story.name(), "number": outcome.story.number, "id": outcome.story.id,
        "title": { "ja": outcome.story.title.ja, "en": outcome.story.title.en },
        "result": result, "line": line, "error": error, "error_description": error,
        "verdicts": verdicts.collect::<Vec<_>>(), "steps": steps.collect::<Vec<_>>(),
        "microseconds": microseconds(outcome.took),
    })
}

/// A story that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// As it was asked for.
    pub story: String,
    /// Why not.
    pub problem: String,
}

/// One test suite with a test case for each story, those included that could not be read.
pub fn junit(outcomes: &[Outcome], unread: &[Unread]) -> String {
    let count = |is_so: fn(&Ending) -> bool| outcomes.iter().filter(|outcome| is_so(&outcome.ending)).count();
    let failures = count(|ending| matches!(ending, Ending::Failed));
    let errors = count(|ending| matches!(ending, Ending::Error { .. })) + unread.len();
    let seconds = outcomes.iter().map(|outcome| outcome.took).sum::<Duration>().as_secs_f64(); // the sum of no numbers is -0.0
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = outcomes.len() + unread.len();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{seconds:.3}\"");
    text += &format!("<testsuites {counts}>\n<testsuite name=\"scenarios\" {counts}>\n");
    for outcome in outcomes {
        let name = xml(&outcome.story.name());
        let seconds = outcome.took.as_secs_f64();
        text += &format!("<testcase classname=\"scenarios\" name=\"{name}\" time=\"{seconds:.3}\">");
        let details = details(outcome).iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n");
        match &outcome.ending {
            Ending::Passed => {}
            Ending::Failed => text += &format!("<failure message=\"an expectation was not met\">{details}</failure>"),
            Ending::Error { error, .. } => {
                text += &format!("<error message=\"{}\">{details}</error>", xml(&error.to_string()));
            }
        }
        text += "</testcase>\n";
    }
    for Unread { story, problem } in unread {
        let (name, problem) = (xml(story), xml(problem));
        text +=
            &format!("<testcase classname=\"scenarios\" name=\"{name}\"><error message=\"{problem}\"/></testcase>\n");
    }
    text + "</testsuite>\n</testsuites>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junit_is_xml_whatever_names_and_problems_hold() {
        let unread = Unread { story: "a\u{fffe}<\u{202e}\u{1b}".into(), problem: "line 1:\n  \"\u{ffff}&".into() };
        let xml = junit(&[], &[unread]);
        assert!(xml.contains(r#"name="a\u{fffe}&lt;\u{202e}\u{1b}""#), "{xml}");
        assert!(xml.contains(r#"message="line 1:&#10;  &quot;\u{ffff}&amp;""#), "{xml}");
        assert!(xml.contains(r#"errors="1" time="0.000""#), "{xml}");
    }
}
