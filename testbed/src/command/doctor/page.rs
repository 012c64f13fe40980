//! docs/clients.md, as commands: a section a client, in it files to save and blocks to run.

/// The page, as it was when this program was built.
const PAGE: &str = include_str!("../../../../docs/clients.md");

/// The testbed's address on the page.
pub(super) const BASE: &str = "http://127.0.0.1:8700";

/// Where the page finds how the key server's client logs in.
pub(super) const CSC_CLIENT: &str = "eseal-data/worlds/default/csc-client.json";

/// What a section of the page asks for.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Names and texts of files that are saved first.
    pub(super) files: Vec<(&'static str, String)>,
    /// Blocks of commands, in their order.
    pub(super) blocks: Vec<String>,
}

/// The section of that heading; an empty one if there is none.
pub(super) fn section(name: &str) -> Section {
    let (mut found, mut within, mut block) = (Section::default(), false, None);
    for line in PAGE.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (Some(block), None) => push_line(block, line),
            (Some(_), Some(_)) => {
                let (words, text) = block.take().unwrap_or_default();
                match within.then(|| kind(words)).flatten() {
                    Some(Kind::Commands) => found.blocks.push(text),
                    Some(Kind::File(name)) => found.files.push((name, text + "\n")),
                    None => {}
                }
            }
            (None, Some(words)) => block = Some((words, String::new())),
            (None, None) => within = line.strip_prefix("## ").map_or(within, |heading| heading == name),
        }
    }
    found
}

/// The headings of the page.
#[cfg(test)]
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    PAGE.lines().filter_map(|line| line.strip_prefix("## "))
}

fn push_line((_, text): &mut (&'static str, String), line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

enum Kind {
    Commands,
    File(&'static str),
}

/// What a block is, by the words behind its fence.
fn kind(words: &'static str) -> Option<Kind> {
    let (language, rest) = words.split_once(' ').unwrap_or((words, ""));
    rest.strip_prefix("file=").map(Kind::File).or_else(|| (language == "sh").then_some(Kind::Commands))
}
