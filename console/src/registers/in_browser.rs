//! Advice of the issuer as whoever sits at a browser follows it. In: a sentence that names options of the command line. Out: the same with
//! the names of the fields on the page of a register that ask for the same.

use validation::Language;

use super::texts::Texts;

/// The sentence with the names of fields in the place of options.
pub(crate) fn in_browser(told: &str, language: Language) -> String {
    let text = Texts::of(language);
    let (open, close, and) = match language {
        Language::Japanese => ("「", "」", "と"),
        Language::English => ("“", "”", " and "),
    };
    let field = |name: &str| format!("{open}{name}{close}");
    let both = |other: &str| format!("{}{and}{}", field(text.reissue), field(other));
    // The longer ones first: each begins with what follows it.
    let fields = [
        ("--reissue --another recipient", both(text.another_recipient)),
        ("--reissue --another achievement", both(text.another_achievement)),
        ("--reissue --another template", both(text.another_template)),
        ("--reissue-revoked", field(text.reissue_revoked)),
        ("--reissue", field(text.reissue)),
    ];
    fields.into_iter().fold(told.to_owned(), |told, (option, field)| told.replace(option, &field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_by_the_names_of_their_fields() {
        for (told, ja, en) in [
            (
                "(--reissue)",
                "(「発行し直し、前のものと差し替える」)",
                "(“Issue anew, in the place of the earlier one”)",
            ),
            (
                "--reissue --another template!",
                "「発行し直し、前のものと差し替える」と「テンプレート」!",
                "“Issue anew, in the place of the earlier one” and “template”!",
            ),
            (
                "--reissue-revoked",
                "「新しく発行する (前のものは失効したまま)」",
                "“Issue a new one; the earlier one stays revoked”",
            ),
            ("eseal certificate", "eseal certificate", "eseal certificate"),
        ] {
            assert_eq!(in_browser(told, Language::Japanese), ja);
            assert_eq!(in_browser(told, Language::English), en);
        }
    }
}
