//! In which language a file for people is written. In: the query, and what a browser prefers (RFC 9110 clause 12.5.4). Out: Japanese, or
//! English.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Members of the query of a file for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// `ja` or `en`: the language of sentences; else what `Accept-Language` prefers, else English.
    #[param(example = "ja")]
    pub(crate) lang: Option<String>,
}

impl FileQuery {
    /// Whether it is Japanese.
    pub(crate) fn is_japanese(&self, headers: &HeaderMap) -> bool {
        match self.lang.as_deref().and_then(|lang| lang.split('-').next()).map(str::to_ascii_lowercase).as_deref() {
            Some("ja") => true,
            Some("en") => false,
            _ => prefers_japanese(headers),
        }
    }
}

/// Of Japanese and English that with the higher weight; of equal ones the first.
fn prefers_japanese(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).into_iter().filter_map(|line| line.to_str().ok());
    let (mut japanese, mut best) = (false, 0.0_f32);
    for range in lines.flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        let is_ours = matches!(tag.split('-').next(), Some("ja" | "en" | "*"));
        if is_ours && weight > best {
            (japanese, best) = (tag.starts_with("ja"), weight);
        }
    }
    japanese
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_counts_before_what_a_browser_prefers() {
        let asked = |lang: Option<&str>, accepted: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())]);
            FileQuery { lang: lang.map(str::to_owned) }.is_japanese(&headers)
        };
        for (lang, accepted, japanese) in [
            (None, "ja", true),
            (None, "ja-JP,en;q=0.8", true),
            (None, "en-GB, ja;q=0.9", false),
            (None, "fr, ja;q=0.5, en;q=0.4", true),
            (None, "*", false),
            (None, "ja;q=0", false),
            (Some("en"), "ja", false),
            (Some("ja-JP"), "en", true),
            (Some("fr"), "ja", true),
        ] {
            assert_eq!(asked(lang, accepted), japanese, "{lang:?} {accepted}");
        }
        assert!(!FileQuery::default().is_japanese(&HeaderMap::new()));
    }
}
