//! The text format of Prometheus, version 0.0.4: families of samples, each with its help and its type, once.

use std::fmt::{self, Display, Write};

/// The media type of a [`Page`].
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family's samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A family of samples.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name: letters, digits and `_`.
    pub name: &'static str,
    /// What its samples are.
    pub kind: Kind,
    /// One line.
    pub help: &'static str,
}

/// Families with their samples, in the order in which they first came.
#[derive(Debug, Default)]
pub struct Page {
    families: Vec<(Family, String)>,
}

impl Page {
    /// Adds a sample to its family.
    pub fn sample(&mut self, family: &Family, labels: &[(&str, &str)], value: impl Display) {
        let lines = self.lines_of(family);
        line(lines, family.name, "", labels, value);
    }

    /// Adds a histogram of durations. In: the upper end of each bucket with its own count, in microseconds; how many there are in
    /// all, and their sum.
    pub fn histogram(
        &mut self,
        family: &Family,
        labels: &[(&str, &str)],
        buckets: &[(u64, u64)],
        total: u64,
        microseconds: u64,
    ) {
        let lines = self.lines_of(family);
        let mut up_to = 0;
        for (end, count) in buckets {
            up_to += count;
            let end = seconds(*end).to_string();
            line(lines, family.name, "_bucket", &[labels, &[("le", &end)]].concat(), up_to);
        }
        line(lines, family.name, "_bucket", &[labels, &[("le", "+Inf")]].concat(), total);
        line(lines, family.name, "_sum", labels, seconds(microseconds));
        line(lines, family.name, "_count", labels, total);
    }

    fn lines_of(&mut self, family: &Family) -> &mut String {
        let place = self.families.iter().position(|(known, _)| known.name == family.name);
        let place = place.unwrap_or_else(|| {
            self.families.push((*family, String::new()));
            self.families.len() - 1
        });
        &mut self.families[place].1
    }
}

fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

fn line(lines: &mut String, name: &str, ending: &str, labels: &[(&str, &str)], value: impl Display) {
    lines.extend([name, ending]);
    for (number, (label, text)) in labels.iter().enumerate() {
        let begin = if number == 0 { '{' } else { ',' };
        let text = text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
        let _ = write!(lines, "{begin}{label}=\"{text}\""); // a String takes everything
    }
    let end = if labels.is_empty() { "" } else { "}" };
    let _ = writeln!(lines, "{end} {value}");
}

impl Display for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (Family { name, kind, help }, lines) in &self.families {
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            write!(formatter, "# HELP {name} {help}\n# TYPE {name} {kind}\n{lines}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_end_neither_their_text_nor_their_line() {
        let mut page = Page::default();
        let family = Family { name: "x", kind: Kind::Gauge, help: "Some." };
        page.sample(&family, &[("name", "a\"b\\c\nd")], 1);
        page.sample(&family, &[], -2.5);
        assert_eq!(page.to_string(), "# HELP x Some.\n# TYPE x gauge\nx{name=\"a\\\"b\\\\c\\nd\"} 1\nx -2.5\n");
    }
}
