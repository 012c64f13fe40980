//! The links that lead to the same page in another language.

/// Where a page is had in another language.
#[derive(Clone)]
pub(crate) struct Switch {
    /// The address without its query: none for the page itself.
    address: String,
    /// The other members of the query, as they came.
    others: String,
}

impl Switch {
    /// The page that was asked for, with everything else that was asked.
    pub(crate) fn here(query: Option<&str>) -> Switch {
        let is_language = |member: &str| {
            let name = member.split('=').next().unwrap_or_default();
            percent_encoding::percent_decode_str(name).eq(*b"lang")
        };
        let others = query.unwrap_or_default().split('&').filter(|member| !member.is_empty() && !is_language(member));
        Switch { address: String::new(), others: others.map(|member| format!("&{member}")).collect() }
    }

    /// What is kept of a form, seen from where it was sent.
    pub(crate) fn to_kept(id: &str) -> Switch {
        Switch { address: format!("verify/{id}"), others: String::new() }
    }

    pub(crate) fn to(&self, language: &str) -> String {
        let Switch { address, others } = self;
        format!("{address}?lang={language}{others}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_switched_and_everything_else_stays() {
        for (query, other) in [
            (None, "?lang=ja"),
            (Some(""), "?lang=ja"),
            (Some("lang=en"), "?lang=ja"),
            (Some("policy=strict&at=2030-01-01&lang=en"), "?lang=ja&policy=strict&at=2030-01-01"),
            (Some("lang=en&%6Cang=en&&language=x&a"), "?lang=ja&language=x&a"),
        ] {
            assert_eq!(Switch::here(query).to("ja"), other, "{query:?}");
        }
    }
}
