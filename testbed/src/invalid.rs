//! That an argument cannot be used: what was wanted, what was found.

use world::toml_text::TomlProblem;

/// An argument that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct Invalid {
    /// The argument, or the value of the option.
    pub(crate) input: Option<String>,
    /// What was wanted, what was found.
    pub(crate) problem: String,
    /// The same for people who read Japanese, if it is told in Japanese.
    pub(crate) japanese: Option<String>,
}

impl Invalid {
    pub(crate) fn new(input: &str, problem: impl ToString) -> Invalid {
        Invalid { input: Some(input.to_owned()), problem: problem.to_string(), japanese: None }
    }

    /// The same, told so in Japanese.
    pub(crate) fn in_japanese(self, japanese: impl ToString) -> Invalid {
        Invalid { japanese: Some(japanese.to_string()), ..self }
    }

    /// A file in TOML that cannot be used: a line for each of its problems.
    pub(crate) fn of_toml(name: &str, problems: &[TomlProblem]) -> Invalid {
        let lines = |line: fn(&str, &TomlProblem) -> String| -> String {
            problems.iter().map(|problem| line(name, problem)).collect::<Vec<_>>().join("\n")
        };
        let japanese = |name: &str, problem: &TomlProblem| format!("{name}、{}", problem.told_in_japanese());
        Invalid::new(name, lines(|name, problem| format!("{name}, {problem}"))).in_japanese(lines(japanese))
    }
}
