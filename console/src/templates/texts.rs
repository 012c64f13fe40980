//! What stands on the page of templates.

crate::texts::texts! {
    title: "テンプレート", "Templates";
    about: "証明書や請求書は、テンプレートに従って作られます。見本は印刷されるとおりですが、シールはありません。", "Certificates and invoices are printed by templates. A sample is as it will be printed, without a seal.";
    bundled: "付属", "comes along";
    of_the_world: "この世界のもの", "this world's own";
    version: "版", "version";
    has_badge: "Open Badge 付き", "with an Open Badge";
    sample: "見本 (PDF) を開く", "Open the sample (PDF)";
    sample_of: "見本:", "Sample:";
    register: "空の名簿 (CSV) を保存", "Save an empty register (CSV)";
    headers: "名簿の見出し (コピー用)", "Headers of a register, to be copied";
    issue: "このテンプレートで名簿から発行", "Issue from a register by it";
    columns: "固有の列", "Columns of its own";
    no_columns: "固有の列はありません。", "It has no columns of its own.";
    header: "見出し", "Header";
    member: "修了データの項目", "Member of the completion data";
    kind: "種類", "Holds";
    required: "必須", "Required";
    yes: "はい", "yes";
    no: "いいえ", "no";
    text: "一行の文字", "one line of text";
    long_text: "段落のある文字", "paragraphs";
    date: "日付", "a day";
    number: "数", "a number";
    money: "円", "whole yen";
    list: "文字の並び", "a list of texts";
    table: "表 (名簿では番号付きの列)", "a table; in registers numbered columns";
    code: "番号・記号（先頭の0も残る）", "a number or code, with its zeros";
    registration_number: "登録番号 (T と13桁)", "a registration number, T and 13 digits";
}
