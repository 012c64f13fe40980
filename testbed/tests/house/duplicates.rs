//! No run of more than twelve lines stands in two places of what is shipped. Lines are compared without white space; blank ones,
//! comments, imports and closing brackets do not count, so that twelve lines are twelve lines of work.

use std::collections::HashMap;

use crate::source::{self, SourceFile};

/// The longest run that may stand twice.
const LONGEST: usize = 12;

/// Runs that stand twice, by the files of both, and why.
const EXCUSED: &[(&str, &str, &str)] = &[];

/// A line of work: its file, its number there, its text.
struct Line<'a> {
    file: &'a str,
    number: usize,
    text: String,
}

#[test]
fn no_run_of_lines_stands_twice() {
    let found = runs(&source::workspace());
    let unexcused = |run: &&Run| !EXCUSED.iter().any(|(one, other, _)| run.files == [*one, *other]);
    let found: Vec<_> = found.iter().filter(unexcused).map(|run| &run.sentence).collect();
    assert!(found.is_empty(), "{found:#?}");
}

struct Run {
    files: [String; 2],
    sentence: String,
}

/// Every run that is longer than [`LONGEST`] and has stood before, at its full length.
fn runs(files: &[SourceFile]) -> Vec<Run> {
    let codes: Vec<_> = files.iter().filter(|file| file.is_shipped()).map(|file| (file, file_lines(file))).collect();
    let lines: Vec<Line<'_>> = codes.into_iter().flat_map(|(_, lines)| lines).collect();
    let window = LONGEST + 1;
    let mut first_seen: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut found = Vec::new();
    let mut place = 0;
    while place + window <= lines.len() {
        let here = &lines[place..place + window];
        if here[0].file != here[window - 1].file {
            place += 1;
            continue;
        }
        let texts: Vec<&str> = here.iter().map(|line| line.text.as_str()).collect();
        match first_seen.get(&texts) {
            Some(&before) if before + window <= place => {
                let same = |offset: &usize| {
                    let (one, other) = (lines.get(before + offset), lines.get(place + offset));
                    one.zip(other).is_some_and(|(one, other)| {
                        one.text == other.text && one.file == lines[before].file && other.file == lines[place].file
                    })
                };
                let length = (0..).take_while(same).count();
                let (one, other) = (&lines[before], &lines[place]);
                let sentence = format!(
                    "{length} lines of {}:{} stand at {}:{} too",
                    one.file, one.number, other.file, other.number
                );
                found.push(Run { files: [one.file.into(), other.file.into()], sentence });
                place += length;
            }
            Some(_) => place += 1,
            None => {
                first_seen.insert(texts, place);
                place += 1;
            }
        }
    }
    found
}

/// The lines of work of a file. Texts count as they are: the same code with other words is other work.
fn file_lines(file: &SourceFile) -> Vec<Line<'_>> {
    let code = file.code();
    let mut in_use = false;
    let mut lines = Vec::new();
    for ((number, bare), text) in (1..).zip(code.lines()).zip(file.text.lines()) {
        let bare = bare.trim();
        in_use |= bare.starts_with("use ") || bare.starts_with("pub use ");
        let counts = !in_use && bare.chars().any(char::is_alphanumeric);
        if in_use && bare.ends_with(';') {
            in_use = false;
        }
        if counts {
            lines.push(Line { file: &file.path, number, text: text.split_whitespace().collect() });
        }
    }
    lines
}

#[test]
fn a_run_that_stands_twice_is_seen_at_its_full_length() {
    let run =
        |count: usize| (0..count).map(|one| format!("    let a{one} = {one};\n\n    // {one}\n")).collect::<String>();
    let one = SourceFile::new("ca/src/one.rs", &format!("fn one() {{\n{}}}\n", run(13)));
    for (count, found) in [(12, 0), (13, 1)] {
        let other = SourceFile::new("tsa/src/other.rs", &format!("fn other() {{\n    step();\n{}}}\n", run(count)));
        let runs = runs(&[SourceFile::new(&one.path, &one.text), other]);
        assert_eq!(runs.len(), found, "{count}");
        for run in runs {
            assert_eq!(run.sentence, "13 lines of ca/src/one.rs:2 stand at tsa/src/other.rs:3 too");
        }
    }
}

#[test]
fn tests_imports_and_comments_are_no_runs() {
    let imports = (0..30).map(|one| format!("use a{one}::{{\n    B,\n}};\n// c\n")).collect::<String>();
    let file = |path: &str| SourceFile::new(path, &imports);
    assert!(runs(&[file("ca/src/a.rs"), file("tsa/src/a.rs")]).is_empty());
}
