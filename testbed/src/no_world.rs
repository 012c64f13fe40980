//! That there is no world of a name, as a command tells it: where it looked, which there are, and what makes it.

use std::path::Path;

use laboratory::registry::names;

use crate::cli::DEFAULT_DATA;

/// There is no world of that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no world named {name} in {place}{there}; `{way}` makes it")]
pub(crate) struct NoWorld {
    name: String,
    place: String,
    there: String,
    way: String,
}

impl NoWorld {
    /// `place` is where it was looked for, `option` how that is told to a command, `names` the worlds that are there.
    fn new(name: &str, place: &str, option: &str, names: &[String]) -> NoWorld {
        let there = if names.is_empty() { String::new() } else { format!(" (there are: {})", names.join(", ")) };
        let way = match name {
            "default" => format!("eseal up{option}"),
            name => format!("eseal world new {name}{option}"),
        };
        NoWorld { name: name.into(), place: place.into(), there, way }
    }

    /// At a running testbed; `url` if it was given by its address.
    pub(crate) fn at(name: &str, base: &str, url: Option<&str>, names: &[String]) -> NoWorld {
        let option = url.map(|url| format!(" --url {url}")).unwrap_or_default();
        NoWorld::new(name, &format!("the testbed at {base}"), &option, names)
    }

    /// The name that was asked for.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where it was looked for.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// The command that makes it.
    pub(crate) fn way(&self) -> &str {
        &self.way
    }

    pub(crate) fn in_folder(name: &str, data: &Path) -> NoWorld {
        let place = data.display().to_string();
        let is_said = data != Path::new(DEFAULT_DATA) && std::env::var_os("ESEAL_DATA").is_none_or(|set| data != set);
        let option = if is_said { format!(" --data {place}") } else { String::new() };
        NoWorld::new(name, &place, &option, &names(data))
    }
}
