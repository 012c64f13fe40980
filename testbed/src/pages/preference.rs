//! What a browser prefers: lists with weights, RFC 9110 clauses 12.4.2, 12.5.1 and 12.5.4. In: the headers. Out: a language, and
//! whether a page is wanted.

use axum::http::{HeaderMap, HeaderName, header};
use verifier::explanation::Language;

/// The members of a list with their weights from 0 to 1000, in the order in which they stand. A weight that cannot be read is 0.
fn weighted(headers: &HeaderMap, name: HeaderName) -> Vec<(String, u16)> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    let members = lines.flat_map(|line| line.split(',')).map(|member| {
        let mut parts = member.split(';').map(str::trim);
        let value = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        (value, weight.map_or(1000, thousandths))
    });
    members.filter(|(value, _)| !value.is_empty()).collect()
}

/// `0.8` as 800.
fn thousandths(weight: &str) -> u16 {
    let weight: f32 = weight.trim().parse().unwrap_or_default();
    if (0.0..=1.0).contains(&weight) { (weight * 1000.0).round() as u16 } else { 0 }
}

/// The language that is preferred among ours; of equal ones the first. English if none is asked for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let asked = weighted(headers, header::ACCEPT_LANGUAGE);
    let known = asked.iter().filter_map(|(tag, weight)| match tag.split('-').next() {
        Some("ja") => Some((Language::Japanese, *weight)),
        Some("en" | "*") => Some((Language::English, *weight)),
        _ => None,
    });
    let mut best = (Language::English, 0);
    for (language, weight) in known {
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// Whether a page is wanted: HTML is named.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let is_page = |kind: &str| matches!(kind, "text/html" | "application/xhtml+xml");
    weighted(headers, header::ACCEPT).iter().any(|(kind, weight)| is_page(kind) && *weight > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_weights_decide_and_unknown_languages_fall_to_the_next_known() {
        for (asked, japanese) in [
            ("ja", true),
            ("JA-jp, en;q=0.9", true),
            ("en;q=0.3, ja;q=0.7", true),
            ("en, ja", false),
            ("ja;q=0.2, en;q=0.8", false),
            ("fr, de;q=0.9, ja;q=0.1", true),
            ("fr, *;q=0.5, ja;q=0.4", false),
            ("ja;q=0, en;q=0.1", false),
            ("ja;q=0", false),
            ("ja;q=two, en;q=0.1", false),
            ("jav, en", false),
            ("fr", false),
            ("", false),
        ] {
            let language = language(&headers(header::ACCEPT_LANGUAGE, asked));
            assert_eq!(language == Language::Japanese, japanese, "{asked}");
        }
        assert_eq!(language(&HeaderMap::new()), Language::English);
    }

    #[test]
    fn a_page_is_wanted_by_whoever_names_html() {
        for (accept, page) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/json, Text/HTML;q=0.1", true),
            ("*/*", false),
            ("application/json, text/html;q=0", false),
        ] {
            assert_eq!(wants_page(&headers(header::ACCEPT, accept)), page, "{accept}");
        }
    }
}
