//! What is told of a plan, in both languages. In: what was wanted and found. Out: a sentence in English and the same in Japanese; one that is
//! missing does not compile.

use std::fmt::Display;

use pki::Error as PkiError;
use world::time::TimeError;
use world::toml_text::TomlProblem;

use super::japanese;

/// Between the two languages where a library carries an error of a value as one text; TOML writes no such character in a name.
const BETWEEN: char = '\u{1f}';

/// A sentence, or a part of one, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) english: String,
    pub(super) japanese: String,
}

/// A text in both languages: `told!("English {value}", "日本語 {value}")`.
macro_rules! told {
    ($english:literal, $japanese:literal $(, $argument:expr)* $(,)?) => {
        $crate::plan::told::Told {
            english: format!($english $(, $argument)*),
            japanese: format!($japanese $(, $argument)*),
        }
    };
}
pub(super) use told;

impl Told {
    /// The same text in both languages: a name, a form.
    pub(super) fn alike(text: impl Display) -> Told {
        told!("{text}", "{text}")
    }

    /// This, directly followed by that.
    pub(super) fn then(&self, Told { english, japanese }: Told) -> Told {
        Told { english: format!("{}{english}", self.english), japanese: format!("{}{japanese}", self.japanese) }
    }

    /// This, a colon, and that.
    pub(super) fn colon(&self, rest: Told) -> Told {
        self.then(told!(": ", ": ")).then(rest)
    }

    /// What a library said of a text: of its syntax, of its members, or in our own words of a value.
    pub(super) fn of_toml(message: &str) -> Told {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match message.split_once(BETWEEN) {
            Some((english, japanese)) => Told { english: one_line(english), japanese: one_line(japanese) },
            None => {
                let english = one_line(message);
                Told { japanese: japanese::of_toml(&english), english }
            }
        }
    }

    /// As one text, for a library that carries no more.
    pub(super) fn carried(&self) -> String {
        let apart = |text: &str| text.replace(BETWEEN, " ");
        format!("{}{BETWEEN}{}", apart(&self.english), apart(&self.japanese))
    }

    /// As a problem of what stands at these bytes.
    pub(super) fn located(
        self,
        text: &str,
        span: Option<std::ops::Range<usize>>,
        suggestion: Option<String>,
    ) -> TomlProblem {
        TomlProblem::at(text, span, self.english, suggestion).in_japanese(self.japanese)
    }
}

/// An error of a value that a plan can have, told in both languages.
pub(super) trait InJapanese: Display {
    /// The same sentence in Japanese.
    fn japanese(&self) -> String;

    /// Both.
    fn told(&self) -> Told {
        Told { english: self.to_string(), japanese: self.japanese() }
    }
}

impl InJapanese for TimeError {
    fn japanese(&self) -> String {
        match self {
            TimeError::Duration { text } => format!(
                "{text:?} は期間ではありません。整数に s、m、h、d、w、y のいずれかを付けます（例: 90s、15m、400d、10y）"
            ),
            TimeError::Time { text } => {
                format!("{text:?} は時刻ではありません。2030-01-01 や 2030-01-01T09:00:00+09:00 のように書きます")
            }
            TimeError::OutOfRange { text } => {
                format!("{text:?} は、証明書に書ける 1950 年から 9999 年までの外にあります")
            }
        }
    }
}

impl InJapanese for PkiError {
    fn japanese(&self) -> String {
        match self {
            PkiError::UnknownName { found, .. } => format!(
                "P-256、P-384、P-521、Ed25519、RSA-2048、RSA-3072、RSA-4096（RSA は末尾に -PSS も可）のいずれかを書きます（`{found}` と書かれています）"
            ),
            PkiError::ObjectIdentifier { found } => {
                format!("オブジェクト識別子を書きます（例: 1.2.392.1）。{found} と書かれています")
            }
            other => format!("値が正しくありません（{other}）"),
        }
    }
}

impl InJapanese for ca::Error {
    fn japanese(&self) -> String {
        match self {
            ca::Error::AuthorityId { found } => format!(
                "認証局の id は、英小文字で始まる 40 文字以内の英小文字・数字・ハイフンです（例: issuing）。{found:?} と書かれています"
            ),
            ca::Error::Subject { attribute, expected, found } => {
                format!("{attribute}: {}（{found:?} となります）", japanese::rule(expected))
            }
            ca::Error::OrganizationIdentifier { expected, found } => {
                format!("organizationIdentifier: {}（{found:?} と書かれています）", japanese::rule(expected))
            }
            ca::Error::KeyNotAccepted { found, .. } => format!("この用途には {found} の鍵を使えません"),
            other => format!("値が正しくありません（{other}）"),
        }
    }
}

impl InJapanese for tsa::Error {
    fn japanese(&self) -> String {
        match self {
            tsa::Error::UnitName { found } => format!(
                "時刻認証ユニットの名前は、40 文字以内の英小文字・数字・ハイフンです（api は不可）。{found:?} と書かれています"
            ),
            other => format!("値が正しくありません（{other}）"),
        }
    }
}

impl InJapanese for issuer::Error {
    fn japanese(&self) -> String {
        match self {
            issuer::Error::Setting { name: "seal", found, .. } => {
                format!("seal: 右から順に / で区切った 1〜5 列、各列 1〜6 文字です（{found:?} と書かれています）")
            }
            issuer::Error::Picture { problem_ja, .. } => format!("この画像は印刷できません（{problem_ja}）"),
            other => format!("値が正しくありません（{other}）"),
        }
    }
}
