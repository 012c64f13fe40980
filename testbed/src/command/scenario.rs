//! `eseal scenario`: stories about seals, played in worlds of their own. Nothing of them touches the testbed's folder.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use scenarios::run::Outcome;
use scenarios::run::{self, Ending};
use scenarios::story::Story;
use scenarios::tell::{self, Colours, Unread};
use scenarios::{cases, keep};
use serde::Serialize;
use validation::Language;

use crate::cli::{Common, RunArgs, ScenarioAction};
use crate::files::{self, Existing};
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::Output;

pub(super) async fn run(common: &Common, action: &ScenarioAction, output: Output) -> Result<u8> {
    match action {
        ScenarioAction::Run(args) => play(args, output).await,
        ScenarioAction::List => list(output),
        ScenarioAction::Explain { story } => explain(story, common.lang, output),
        ScenarioAction::New { name, overwrite } => new(name, overwrite.existing(), output),
    }
}

async fn play(args: &RunArgs, output: Output) -> Result<u8> {
    let existing = args.overwrite.existing();
    let output = output.beside(args.junit.as_deref())?;
    files::check_inputs_stay(args.stories.iter().map(Path::new), args.junit.as_deref())?;
    args.junit.iter().try_for_each(|file| files::check_free(file, existing))?;
    let (stories, unread) = stories(args, output)?;
    if let Some(folder) = &args.keep {
        check_places(folder, &stories, args.junit.as_deref(), existing)?;
    }
    let stories: Vec<Story> = stories.into_iter().map(|(_, story)| story).collect();
    let colours = if std::io::stdout().is_terminal() { Colours::Yes } else { Colours::No };
    let tell = |outcome: &Outcome| output.painted(&tell::json(outcome), || tell::for_people(outcome, colours));
    let outcomes = run::play_all(stories, tell).await;
    if let Some(file) = &args.junit {
        files::write(file, tell::junit(&outcomes, &unread).as_bytes(), existing)?;
    }
    if let Some(folder) = &args.keep {
        for outcome in &outcomes {
            keep::keep(outcome, folder).map_err(|source| files::Error::Unwritable { file: folder.clone(), source })?;
        }
    }
    let count = |is_so: fn(&Ending) -> bool| outcomes.iter().filter(|outcome| is_so(&outcome.ending)).count();
    let failed = count(|ending| matches!(ending, Ending::Failed));
    let passed = count(|ending| matches!(ending, Ending::Passed));
    let errors = outcomes.len() - failed - passed + unread.len();
    output.say(in_words!(
        "{passed} as expected, {failed} not as expected, {errors} could not be played",
        "期待どおり {passed}、期待と異なる {failed}、実行できない {errors}"
    ));
    Ok(if errors > 0 { 4 } else { u8::from(failed > 0) })
}

/// How a story was asked for, and the story.
type NamedStory = (String, Story);

/// Says before anything is played whether each story has a folder of its own among those that are kept.
fn check_places(
    folder: &Path,
    stories: &[NamedStory],
    junit: Option<&Path>,
    existing: Existing,
) -> Result<(), files::Error> {
    let places = stories.iter().map(|(which, story)| (Path::new(which), folder.join(story.name())));
    files::check_apart(places.clone()).map_err(|error| match error {
        files::Error::SameResult { first, second, result, .. } => {
            files::Error::SameResult { first, second, result, way: ": stories are kept under their files' names" }
        }
        error => error,
    })?;
    for (_, place) in places {
        if let Some(junit) = junit.filter(|junit| files::overlap(junit, &place)) {
            return Err(files::Error::Among { file: junit.into(), folder: place });
        }
        files::check_outside_testbeds(&place)?;
        if existing == Existing::Stays && place.symlink_metadata().is_ok() {
            return Err(files::Error::Exists { file: place });
        }
    }
    Ok(())
}

/// The stories that were asked for, and how. One that cannot be read is told at once, and does not keep the others from being
/// played.
fn stories(args: &RunArgs, output: Output) -> Result<(Vec<NamedStory>, Vec<Unread>)> {
    if args.all {
        return Ok((cases::all()?.into_iter().map(|story| (story.name(), story)).collect(), Vec::new()));
    }
    let (mut stories, mut unread) = (Vec::new(), Vec::new());
    for which in &args.stories {
        match cases::find(which) {
            Ok(story) => stories.push((which.clone(), story)),
            Err(error) => {
                unread.push(Unread { story: which.clone(), problem: error.to_string() });
                output.error(Some(which), &unusable(which, error));
            }
        }
    }
    Ok((stories, unread))
}

/// A story that was asked for and cannot be had.
fn unusable(which: &str, error: cases::Error) -> anyhow::Error {
    match error {
        cases::Error::File { file, source } => files::Error::Unreadable { file, source }.into(),
        error => {
            let japanese = match &error {
                cases::Error::NoSuchStory { which } => {
                    format!(
                        "シナリオ {which} はありません。`eseal scenario list` の番号か名前、またはファイルを指定してください"
                    )
                }
                error => format!("シナリオとして読み取れません: {error}"),
            };
            Invalid::new(which, error).in_japanese(japanese).into()
        }
    }
}

/// A text in both languages.
#[derive(Serialize)]
struct InBoth<'a> {
    ja: &'a str,
    en: &'a str,
}

/// A story of the list.
#[derive(Serialize)]
struct StoryEntry<'a> {
    case: String,
    number: Option<u32>,
    id: &'a str,
    clause: &'a str,
    expected: Vec<String>,
    title: InBoth<'a>,
}

/// A story step by step.
#[derive(Serialize)]
struct StoryExplanation<'a> {
    case: String,
    explanation: InBoth<'a>,
}

/// A story that was written to begin with.
#[derive(Serialize)]
struct NewStory {
    file: String,
}

fn list(output: Output) -> Result<u8> {
    for story in cases::all()? {
        let expected: Vec<String> = story.expectations().map(|one| one.conclusion()).collect();
        let entry = StoryEntry {
            case: story.name(),
            number: story.number,
            id: &story.id,
            clause: &story.clause,
            expected,
            title: InBoth { ja: &story.title.ja, en: &story.title.en },
        };
        output.result(&entry, || format!("{:<34} {}  {}", story.name(), story.title.en, story.title.ja));
    }
    Ok(0)
}

fn explain(which: &str, language: Option<Language>, output: Output) -> Result<u8> {
    let story = cases::find(which).map_err(|error| unusable(which, error))?;
    let (ja, en) = (story.explain(Language::Japanese), story.explain(Language::English));
    let explanation = StoryExplanation { case: story.name(), explanation: InBoth { ja: &ja, en: &en } };
    output.screen(&explanation, || match language {
        Some(Language::Japanese) => ja.clone(),
        Some(Language::English) => en.clone(),
        None => format!("{en}\n\n{ja}"),
    });
    Ok(0)
}

fn new(name: &str, existing: Existing, output: Output) -> Result<u8> {
    let whole = name.ends_with(".toml") || files::is_stream(Path::new(name));
    let file = if whole { PathBuf::from(name) } else { PathBuf::from(format!("{name}.toml")) };
    let output = output.beside([file.as_path()])?;
    files::write(&file, cases::TEMPLATE.as_bytes(), existing)?;
    output.result(&NewStory { file: file.display().to_string() }, || format!("{}", file.display()));
    if !files::is_stdout(&file) {
        let file = quoted(&file.display().to_string());
        output.say(in_words!("play it: eseal scenario run {file}", "実行: eseal scenario run {file}"));
    }
    Ok(0)
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '@' | '%' | '=');
    match word.chars().all(plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_word_is_quoted_if_a_shell_would_take_it_apart() {
        assert_eq!(super::quoted("dir/物語.toml"), "dir/物語.toml");
        assert_eq!(super::quoted("my story's.toml"), r"'my story'\''s.toml'");
    }
}
