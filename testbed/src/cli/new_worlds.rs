//! Which worlds `eseal world new` is to make.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use laboratory::worlds::world_name;

use crate::invalid::Invalid;

/// The names of worlds that are to be made.
#[derive(Args, Debug)]
pub(crate) struct NewWorlds {
    /// Their names: a-z, 0-9 and -.
    #[arg(value_name = "NAME", value_parser = world_name, required_unless_present = "count")]
    names: Vec<String>,
    /// So many more, numbered from 1: student-01 to student-40 with `--count 40 --prefix student-`.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000), requires = "prefix")]
    count: Option<u16>,
    /// How the names of those begin.
    #[arg(long, value_name = "TEXT", requires = "count", value_parser = world_name)]
    prefix: Option<String>,
    /// What they are made from, a TOML file: authorities, credentials, time-stamping units, organisations, the time. `eseal world plan`
    /// prints such a file; - is stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
}

impl NewWorlds {
    /// All of them, each once.
    ///
    /// # Errors
    /// If one is no name, or stands twice.
    pub(crate) fn names(&self) -> Result<Vec<String>, Invalid> {
        let (count, prefix) = (self.count.unwrap_or(0), self.prefix.as_deref().unwrap_or_default());
        let width = count.to_string().len();
        let numbered = (1..=count).map(|number| format!("{prefix}{number:0width$}"));
        let names: Vec<String> = self.names.iter().cloned().chain(numbered).collect();
        let mut seen = BTreeSet::new();
        for name in &names {
            world_name(name).map_err(|rule| Invalid::new(name, format!("{name}: {rule}")))?;
            if !seen.insert(name) {
                return Err(Invalid::new(name, format!("{name} is named twice: each world has a name of its own")));
            }
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str], count: u16, prefix: &str) -> Result<Vec<String>, String> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let given = NewWorlds { names, count: Some(count), prefix: Some(prefix.into()), plan: None };
        given.names().map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_have_as_many_digits_as_the_last() {
        assert_eq!(names(&[], 3, "s").unwrap(), ["s1", "s2", "s3"]);
        let class = names(&["teacher"], 40, "student-").unwrap();
        assert_eq!((class.len(), &*class[0], &*class[1], &*class[40]), (41, "teacher", "student-01", "student-40"));
    }

    #[test]
    fn a_name_that_is_none_or_stands_twice_is_refused() {
        assert!(names(&["a", "a"], 1, "b").unwrap_err().contains("a is named twice"));
        assert!(names(&["b1"], 1, "b").unwrap_err().contains("b1 is named twice"));
        assert!(names(&[], 10, &"p".repeat(39)).unwrap_err().contains("1 to 40 of a-z"));
    }
}
