//! What is wanted in the place of a character that a text cannot have. In: nothing. Out: each in English and in Japanese, with what to do.

/// What is wanted instead of a character, with what to do, in English and in Japanese.
pub(crate) type Remedy = (&'static str, &'static str);

pub(crate) const LINE_BREAK: Remedy =
    ("a text without this line break: take it out", "この改行のない文字列（取り除いてください）");
pub(crate) const JOINER: Remedy = (
    "joiners between letters that need them alone: take it out",
    "必要な文字の間にだけある結合制御文字（取り除いてください）",
);
pub(crate) const DIRECTION: Remedy = (
    "a text without marks of direction, since a name is put in its own order without them: take it out",
    "方向を指定する文字のない文字列（名前はそのままで正しい向きに並びます。取り除いてください）",
);
pub(crate) const LOST: Remedy = (
    "the character that was lost here when the text was copied or decoded: write it again",
    "文字コードの変換などで失われる前の文字（書き直してください）",
);
pub(crate) const REPLACED: Remedy = (
    "a name without ?, ？, 〓 and &#…;, which stand for a character that was lost: write it again, and save files as XLSX or UTF-8",
    "「?」「？」「〓」「&#…;」のない名前（失われた文字の代わりです。文字を書き直し、ファイルは XLSX か UTF-8 で保存してください）",
);
pub(crate) const SELECTOR: Remedy = (
    "a variation selector right behind the character whose form it selects: take it out",
    "字形を選ぶ文字のすぐ後ろにある異体字セレクタ（取り除いてください）",
);
pub(crate) const UNSEEN: Remedy = ("characters that can be seen: take it out", "目に見える文字（取り除いてください）");
pub(crate) const CONTROL: Remedy =
    ("a text without control characters: take it out", "制御文字のない文字列（取り除いてください）");
pub(crate) const PRIVATE: Remedy = (
    "a character that is the same in every font, which no private use character (外字) is: write the one of Unicode, or another spelling",
    "どのフォントでも同じ文字（外字は使えません。Unicode の文字か別の表記にしてください）",
);
pub(crate) const UNASSIGNED: Remedy =
    ("characters that Unicode has: write another one", "Unicode にある文字（別の文字にしてください）");
pub(crate) const LONE_MARK: Remedy = (
    "a letter right before its mark: take the mark out, or write the letter",
    "すぐ前に文字のある結合文字（取り除くか、文字を書いてください）",
);
pub(crate) const FOREIGN_MARK: Remedy = (
    "marks on letters of their own script: take it out, or write the letter that it belongs to",
    "同じ文字体系の文字に付いた結合文字（取り除くか、付く文字を書いてください）",
);

pub(super) const TOO_MANY_MARKS: Remedy = (
    "at most 8 marks on a letter, since more lie over the lines above and below: take it out",
    "1 文字につき 8 個までの結合文字（それ以上は上下の行に重なります。取り除いてください）",
);

/// All of them.
pub(crate) const REMEDIES: [Remedy; 13] = [
    LINE_BREAK,
    JOINER,
    DIRECTION,
    LOST,
    REPLACED,
    SELECTOR,
    UNSEEN,
    CONTROL,
    PRIVATE,
    UNASSIGNED,
    LONE_MARK,
    FOREIGN_MARK,
    TOO_MANY_MARKS,
];
