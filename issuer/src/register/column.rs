//! The columns of a register that are known. In: nothing. Out: for each member of completion data its headers and what its cells hold.
//!
//! A header is found in any width and case, with or without what stands in parentheses behind it; the path of a member, such as
//! `recipient.name`, is always a header of its column. Of two columns for one member that of the header named first here counts.

use super::fold;

/// A column that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Path of the member, such as `achievement.outcomes[0].ja`, or `key` or `organization`.
    pub member: String,
    /// Its headers, Japanese and English, the one that counts most first.
    pub headers: Vec<String>,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether no row can do without it.
    pub required: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text on one line.
    Text,
    /// A text of several lines.
    Lines,
    /// An id: a number keeps its zeros, its width does not matter.
    Id,
    /// A day.
    Date,
    /// A number of hours or credits.
    Amount,
    /// Texts on lines of their own, or between semicolons.
    List,
}

/// Key and organization of a row, which are no members of completion data.
pub(super) const KEY: &str = "key";
pub(super) const ORGANIZATION: &str = "organization";

type Known = (&'static str, Kind, bool, &'static [&'static str], &'static [&'static str]);

/// Member, kind, whether it is required, headers in Japanese, headers in English.
const KNOWN: [Known; 29] = [
    (
        "recipient.name",
        Kind::Text,
        true,
        &[
            "氏名",
            "受講者氏名",
            "受講者名",
            "修了者氏名",
            "修了者名",
            "学生氏名",
            "学生名",
            "氏名漢字",
            "漢字氏名",
            "名前",
            "お名前",
        ],
        &["Name", "Full name", "Recipient", "Recipient name", "Student name", "Learner", "Learner name"],
    ),
    (
        "recipient.name_roman",
        Kind::Text,
        false,
        &["氏名ローマ字", "ローマ字氏名", "ローマ字", "氏名英語", "英語氏名", "英字氏名", "英文氏名", "氏名英字"],
        &["Roman name", "Name in Latin letters", "Name romaji", "Romaji", "Name roman", "Name en", "English name"],
    ),
    (
        "recipient.identifier",
        Kind::Id,
        true,
        &[
            "メールアドレス",
            "Eメール",
            "メール",
            "電子メール",
            "受講者ID",
            "学籍番号",
            "学生番号",
            "社員番号",
            "識別子",
        ],
        &[
            "Email",
            "E-mail address",
            "Mail",
            "Mail address",
            "Identifier",
            "Learner ID",
            "Student ID",
            "Student number",
            "ID",
        ],
    ),
    ("achievement.id", Kind::Id, false, &["講座URI", "学修URI"], &["Achievement ID", "Achievement URI", "Course URI"]),
    (
        "achievement.name_ja",
        Kind::Text,
        true,
        &[
            "講座名",
            "科目名",
            "コース名",
            "研修名",
            "課程名",
            "プログラム名",
            "講座名称",
            "科目名称",
            "講座名日本語",
            "講座",
            "科目",
        ],
        &["Course", "Course name", "Course name ja", "Achievement", "Achievement name", "Course title"],
    ),
    (
        "achievement.name_en",
        Kind::Text,
        true,
        &[
            "講座名英語",
            "英語講座名",
            "科目名英語",
            "英文科目名",
            "コース名英語",
            "研修名英語",
            "課程名英語",
            "プログラム名英語",
            "講座名英文",
        ],
        &["Course name en", "English course name", "Course in English", "Achievement name en", "Course title en"],
    ),
    (
        "achievement.description_ja",
        Kind::Lines,
        true,
        &["概要", "講座概要", "科目概要", "講座内容", "内容", "説明", "講座説明"],
        &["Description", "Course description", "Description ja", "Summary"],
    ),
    (
        "achievement.description_en",
        Kind::Lines,
        false,
        &["概要英語", "英文概要", "講座概要英語", "科目概要英語", "説明英語"],
        &["Description en", "English description", "Description in English"],
    ),
    (
        "achievement.criteria",
        Kind::Lines,
        true,
        &["修了要件", "修了基準", "修了条件", "認定基準", "合格基準", "要件"],
        &["Criteria", "Requirements", "Completion criteria"],
    ),
    (
        "achievement.provider_ja",
        Kind::Text,
        true,
        &["実施機関", "実施者", "実施主体", "実施部局", "開講機関", "開講部局", "提供者", "提供機関", "主催", "主催者"],
        &["Provider", "Provider ja", "Organizer", "Department"],
    ),
    (
        "achievement.provider_en",
        Kind::Text,
        false,
        &["実施機関英語", "英文実施機関", "実施者英語", "開講機関英語", "提供者英語", "主催英語"],
        &["Provider en", "English provider", "Provider in English"],
    ),
    (
        "achievement.hours",
        Kind::Amount,
        false,
        &["学修時間", "学習時間", "研修時間", "受講時間", "総時間数", "時間数", "時間"],
        &["Hours", "Learning hours", "Study hours", "Total hours"],
    ),
    ("achievement.credits", Kind::Amount, false, &["単位数", "単位"], &["Credits", "Credit"]),
    (
        "achievement.outcomes",
        Kind::List,
        false,
        &["学修成果", "学習成果", "到達目標"],
        &["Outcomes", "Learning outcomes"],
    ),
    (
        "achievement.outcomes[0].ja",
        Kind::Text,
        false,
        &["学修成果1", "学習成果1", "成果1"],
        &["Outcome 1", "Learning outcome 1"],
    ),
    ("achievement.outcomes[0].en", Kind::Text, false, &["学修成果1英語", "成果1英語"], &["Outcome 1 en"]),
    (
        "achievement.outcomes[1].ja",
        Kind::Text,
        false,
        &["学修成果2", "学習成果2", "成果2"],
        &["Outcome 2", "Learning outcome 2"],
    ),
    ("achievement.outcomes[1].en", Kind::Text, false, &["学修成果2英語", "成果2英語"], &["Outcome 2 en"]),
    (
        "achievement.outcomes[2].ja",
        Kind::Text,
        false,
        &["学修成果3", "学習成果3", "成果3"],
        &["Outcome 3", "Learning outcome 3"],
    ),
    ("achievement.outcomes[2].en", Kind::Text, false, &["学修成果3英語", "成果3英語"], &["Outcome 3 en"]),
    (
        "achievement.assessment.ja",
        Kind::Text,
        false,
        &["評価", "評価方法", "成績評価", "評価結果"],
        &["Assessment", "Assessment ja"],
    ),
    ("achievement.assessment.en", Kind::Text, false, &["評価英語", "評価方法英語"], &["Assessment en"]),
    (
        "completed_on",
        Kind::Date,
        true,
        &["修了日", "修了年月日", "完了日", "受講修了日", "合格日", "認定日"],
        &["Completed on", "Completion date", "Date of completion", "Completed"],
    ),
    (
        "issued_on",
        Kind::Date,
        false,
        &["発行日", "発行年月日", "交付日", "証明日"],
        &["Issued on", "Issue date", "Date of issue"],
    ),
    (
        "valid_until",
        Kind::Date,
        false,
        &["有効期限", "有効期間満了日", "有効期限日"],
        &["Valid until", "Expiry date", "Expires", "Expires on"],
    ),
    ("submit_to", Kind::Text, false, &["提出先"], &["Submit to", "For submission to", "Addressee"]),
    ("level", Kind::Id, false, &["署名レベル", "シールレベル", "レベル"], &["Level", "Seal level"]),
    (KEY, Kind::Id, false, &["キー", "管理番号", "行キー"], &["Key", "Row key"]),
    (
        ORGANIZATION,
        Kind::Id,
        false,
        &["発行組織", "発行機関", "発行者", "組織ID"],
        &["Organization", "Organisation", "Issuer"],
    ),
];

/// The columns of registers of learning certificates.
pub fn columns() -> Vec<Column> {
    let column = |(member, kind, required, japanese, english): &Known| Column {
        member: (*member).to_owned(),
        headers: japanese.iter().chain(*english).map(|header| (*header).to_owned()).collect(),
        kind: *kind,
        required: *required,
    };
    KNOWN.iter().map(column).collect()
}

impl Column {
    /// How little this header counts among those of the column, from 0; none if it is none of them.
    pub(super) fn rank(&self, header: &str) -> Option<usize> {
        if header.trim().eq_ignore_ascii_case(&self.member) {
            return Some(0);
        }
        let folded = fold::header(header);
        self.headers.iter().position(|known| fold::header(known) == folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_that_of_one_column() {
        let columns = columns();
        for column in &columns {
            for header in &column.headers {
                let known: Vec<&str> = columns
                    .iter()
                    .filter(|other| other.rank(header).is_some())
                    .map(|other| other.member.as_str())
                    .collect();
                assert_eq!(known, [column.member.as_str()], "{header}");
            }
        }
    }
}
