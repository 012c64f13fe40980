//! How the certificates of a batch are issued: checked when it is taken, kept with it. In: the query. Out: options that hold for
//! every row.

use sealing::Level;
use serde::{Deserialize, Serialize};
use world::problem::Problem;
use world::text::{is_hidden, is_printable};

use crate::anew::{Anew, about};
use crate::api::{BatchQuery, ReissuedAbout};
use crate::http::level_of;
use crate::issue::Issuer;
use crate::register::Words;
use crate::register::words::both;

/// The longest name of a batch, in characters.
pub(super) const LONGEST_NAME: usize = 200;

/// Whether a batch may have it in its name: whatever is not seen could make the rest read as something else.
pub(super) fn may_stand_in_a_name(character: char) -> bool {
    is_printable(character) && !is_hidden(character)
}

/// How the rows of a batch are issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// Of rows that name none.
    pub(crate) organization: String,
    pub(crate) credential: Option<String>,
    pub(crate) level: Option<Level>,
    pub(crate) level_at_least: Option<Level>,
    pub(crate) reissue: bool,
    /// Id of the template of rows that name none.
    #[serde(default)]
    pub(crate) template: Option<String>,
    /// Whether what was revoked is issued anew.
    #[serde(default)]
    pub(crate) reissue_revoked: bool,
    /// About what else a certificate that is issued anew may be.
    #[serde(default)]
    pub(crate) another: Vec<ReissuedAbout>,
}

impl Options {
    /// Those of a query, and what the batch is called.
    pub(super) fn of(query: &BatchQuery, issuer: &Issuer) -> Result<(Options, String), Problem> {
        let level =
            |text: &Option<String>| -> Result<Option<Level>, Problem> { text.as_deref().map(level_of).transpose() };
        let (level, level_at_least) = (level(&query.level)?, level(&query.level_at_least)?);
        if let (Some(least), asked) = (level_at_least, level.unwrap_or(Level::BLTA))
            && least > asked
        {
            let description = format!("level_at_least: wanted at most {asked}, which is the level, found {least}");
            let japanese = format!("level_at_least: レベル {asked} 以下が必要ですが、{least} です");
            return Err(Problem::bad_request(description).in_japanese(japanese));
        }
        let name = query.name.clone().unwrap_or_default();
        if name.chars().count() > LONGEST_NAME || !name.chars().all(may_stand_in_a_name) {
            let rule = "none of them a control character or one that is not seen, such as U+202E";
            let problem = format!("name: wanted at most {LONGEST_NAME} characters, {rule}");
            let ja = format!("name: {LONGEST_NAME} 文字以内が必要です。制御文字などの見えない文字は使えません");
            return Err(Problem::bad_request(problem).in_japanese(ja));
        }
        let organization = issuer.in_the_name_of(query.organization.as_deref())?.settings.organization().id.clone();
        let reissue = query.reissue == Some(true);
        let credential = query.credential.clone();
        let template = query.template.clone();
        let another = about(query.another.as_deref().unwrap_or_default(), reissue)?;
        let reissue_revoked = query.reissue_revoked == Some(true);
        let options =
            Options { organization, credential, level, level_at_least, reissue, template, reissue_revoked, another };
        Ok((options, name))
    }

    /// What is issued anew.
    pub(super) fn anew(&self) -> Anew {
        Anew { changed: self.reissue, revoked: self.reissue_revoked, another: self.another.clone() }
    }

    /// The level that a row is to have, or how it contradicts the batch.
    pub(super) fn level_of(&self, own: Option<Level>) -> Result<Level, Words> {
        match (self.level, own, self.level_at_least) {
            (Some(asked), Some(own), _) if asked != own => Err(both!(
                "completion data, at level: they say {own}, and {asked} is asked for; leave one of the two out",
                "修了データの level は {own} ですが、{asked} が指定されています。どちらかを外してください"
            )),
            (None, Some(own), Some(least)) if own < least => Err(both!(
                "completion data, at level: they say {own}, which is lower than the lowest that the batch allows, {least}; leave one of the two out",
                "修了データの level は {own} ですが、この一括発行で許される最低のレベルは {least} です。どちらかを外してください"
            )),
            (asked, own, _) => Ok(asked.or(own).unwrap_or(Level::BLTA)),
        }
    }
}
