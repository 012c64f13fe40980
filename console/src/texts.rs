//! Texts of the pages: a table a page, each text by its key, in both languages. No template holds a sentence.
//!
//! A table is a struct with a member a key, so the compiler sees to it that no key lacks a language and none is left over.

/// Makes `Texts`, a table with a member for each key, and `Texts::of(language)`.
macro_rules! texts {
    ($($key:ident: $japanese:literal, $english:literal;)+) => {
        /// The texts of this page in one language.
        pub(crate) struct Texts {
            $(pub(crate) $key: &'static str,)+
        }

        impl Texts {
            pub(crate) const JAPANESE: Texts = Texts { $($key: $japanese,)+ };
            pub(crate) const ENGLISH: Texts = Texts { $($key: $english,)+ };

            /// Those of that language.
            pub(crate) const fn of(language: validation::Language) -> &'static Texts {
                match language {
                    validation::Language::Japanese => &Texts::JAPANESE,
                    validation::Language::English => &Texts::ENGLISH,
                }
            }

            /// Key, Japanese and English.
            #[cfg(test)]
            pub(crate) const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $japanese, $english)),+];
        }
    };
}

pub(crate) use texts;

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::{
        batch, batches, certificate, certificates, crossings, frame, home, join, problem, record, registers, templates,
        verdict, verify,
    };

    fn is_japanese(text: &str) -> bool {
        text.chars().any(|one| matches!(one, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
    }

    #[test]
    fn every_key_has_its_text_in_both_languages() {
        for (page, texts) in [
            ("frame", frame::Texts::ALL),
            ("home", home::Texts::ALL),
            ("join", join::Texts::ALL),
            ("batch", batch::Texts::ALL),
            ("batches", batches::Texts::ALL),
            ("certificate", certificate::Texts::ALL),
            ("certificate.standing", certificate::standing::Texts::ALL),
            ("certificates", certificates::Texts::ALL),
            ("crossings", crossings::Texts::ALL),
            ("record", record::Texts::ALL),
            ("registers", registers::Texts::ALL),
            ("templates", templates::Texts::ALL),
            ("verify", verify::Texts::ALL),
            ("verdict", verdict::Texts::ALL),
            ("problem", problem::Texts::ALL),
        ] {
            for (key, japanese, english) in texts {
                assert!(is_japanese(japanese), "{page}.{key} is not Japanese: {japanese}");
                assert!(!english.is_empty() && !is_japanese(english), "{page}.{key} is not English: {english}");
            }
        }
    }

    fn templates(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| match path.is_dir() {
                true => templates(&path),
                false => vec![path],
            })
            .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
            .collect()
    }

    /// What stands between the tags of a template, and in the attributes that are read out.
    fn words(template: &str) -> Vec<String> {
        let mut rest = template.to_owned();
        for (open, close) in [("{{", "}}"), ("{%", "%}"), ("<style>", "</style>"), ("<code>", "</code>")] {
            while let Some(start) = rest.find(open) {
                let end = start + rest[start..].find(close).unwrap() + close.len();
                rest.replace_range(start..end, "\u{1}");
            }
        }
        let texts = rest.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text);
        let labels = ["aria-label=\"", "title=\"", "alt=\"", "placeholder=\""];
        let labels =
            labels.into_iter().flat_map(|name| rest.split(name).skip(1).filter_map(|value| value.split('"').next()));
        let pieces = texts.chain(labels).flat_map(|text| text.split('\u{1}'));
        pieces.map(|text| text.trim().to_owned()).filter(|text| text.chars().any(char::is_alphabetic)).collect()
    }

    /// Names, the same in every language.
    const NAMES: [&str; 7] = ["日本語", "English", "PDF", "SHA-256 (PDF)", "PAdES", "· PAdES", "HTTP"];

    #[test]
    fn no_template_holds_a_sentence() {
        let templates = templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert_eq!(templates.len(), 18);
        for file in templates {
            let template = std::fs::read_to_string(&file).unwrap();
            for text in words(&template) {
                assert!(NAMES.contains(&text.as_str()), "{}: {text}", file.display());
            }
            assert!(
                !is_japanese(&template.replace("日本語", "").replace("\"BIZ UDPGothic\"", "")),
                "{}",
                file.display()
            );
        }
        assert_eq!(words("<p title=\"a b\">{{ x }} c</p><code>d</code>"), ["c", "a b"]);
    }
}
