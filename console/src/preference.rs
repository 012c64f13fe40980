//! What a browser prefers: lists with weights, RFC 9110 clauses 12.4.2, 12.5.1 and 12.5.4. In: the headers. Out: a language, and
//! whether a page is wanted.

use axum::http::{HeaderMap, HeaderName, header};
use validation::Language;

/// The language that was asked for, else the one that the browser prefers.
pub(crate) fn language(lang: Option<&str>, headers: &HeaderMap) -> Language {
    match lang.map(str::to_ascii_lowercase).as_deref().and_then(|lang| lang.split('-').next()) {
        Some("ja") => Language::Japanese,
        Some("en") => Language::English,
        _ => preferred(headers),
    }
}

/// The same of a request whose query may be unreadable.
pub(crate) fn language_of(query: Option<&str>, headers: &HeaderMap) -> Language {
    language(query.unwrap_or_default().split('&').find_map(|member| member.strip_prefix("lang=")), headers)
}

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
fn preferred(headers: &HeaderMap) -> Language {
    let languages = weighted(headers, header::ACCEPT_LANGUAGE);
    let known = languages.iter().filter_map(|(tag, weight)| match tag.split('-').next() {
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

/// Whether HTML is wanted more than JSON. Who names neither is a program.
pub(crate) fn prefers_page(headers: &HeaderMap) -> bool {
    let accepted = weighted(headers, header::ACCEPT);
    weight(&accepted, "text/html") > weight(&accepted, "application/json")
}

/// Whether a browser goes to an address: it names XHTML beside HTML. Programs that say they like HTML, as Java's do of themselves,
/// do not.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    prefers_page(headers) && weighted(headers, header::ACCEPT).iter().any(|(kind, _)| kind == "application/xhtml+xml")
}

/// The weight of a media type: that of the range which names it most closely (RFC 9110 clause 12.5.1).
fn weight(accepted: &[(String, u16)], kind: &str) -> u16 {
    let group = kind.split('/').next().unwrap_or_default();
    let closeness = |range: &str| match range.split_once('/') {
        _ if range == kind => 3,
        Some((whole, "*")) if whole == group => 2,
        Some(("*", "*")) => 1,
        _ => 0,
    };
    let covering = accepted.iter().map(|(range, weight)| (closeness(range), *weight)).filter(|(close, _)| *close > 0);
    covering.max().map_or(0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_weights_decide_and_unknown_languages_fall_to_the_next_known() {
        for (languages, japanese) in [
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
            let language = preferred(&headers(header::ACCEPT_LANGUAGE, languages));
            assert_eq!(language == Language::Japanese, japanese, "{languages}");
        }
        assert_eq!(preferred(&HeaderMap::new()), Language::English);
    }

    const JAVA: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";

    #[test]
    fn a_page_is_for_whoever_wants_html_more_than_json() {
        for (accept, page, browser) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true, true),
            ("Text/HTML", true, false),
            ("text/*, application/json;q=0.9", true, false),
            (JAVA, true, false),
            ("application/json, Text/HTML;q=0.1", false, false),
            ("application/json, text/html;q=0.5", false, false),
            ("text/html, application/json", false, false),
            ("text/html;q=0.5, */*", false, false),
            ("application/xhtml+xml, application/json, text/html;q=0.9", false, false),
            ("*/*", false, false),
            ("application/json, text/html;q=0", false, false),
            ("", false, false),
        ] {
            let headers = headers(header::ACCEPT, accept);
            assert_eq!((prefers_page(&headers), is_browser(&headers)), (page, browser), "{accept}");
        }
        assert!(!prefers_page(&HeaderMap::new()));
    }
}
