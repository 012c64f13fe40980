//! What is wrong with a plan is told in Japanese too, whatever it is.

use super::*;

/// What is wrong with a plan, in Japanese. It has to be another text than the English one, with nothing of its sentences.
fn japanese(text: &str) -> Vec<String> {
    let text = format!("version = 1\n{text}");
    let error = WorldPlan::from_toml(&text, now()).map(|_| panic!("nothing is wrong with it:\n{text}")).unwrap_err();
    let told = |problem: &world::toml_text::TomlProblem| {
        let japanese = problem.japanese.clone().unwrap_or_else(|| panic!("only in English: {problem}"));
        assert!(japanese.contains(|c| matches!(c, '\u{3040}'..='\u{30ff}')), "{japanese}");
        for word in ["wanted", "found", "expected", "there is", " the ", "invalid", "missing", "unknown"] {
            assert!(!japanese.contains(word), "{word:?} in {japanese}");
        }
        japanese
    };
    error.problems.iter().map(told).collect()
}

/// An authority below the root.
fn below(more: &str) -> String {
    format!(
        "{ROOT}begins = \"-1y\"\nvalidity = \"10y\"\n[[authority]]\nid = \"below\"\ncommon_name = \"Below\"\n{more}\n"
    )
}

#[test]
fn whatever_is_wrong_with_authorities_is_told_in_japanese() {
    for (text, expected) in [
        (below("parent = \"rot\""), "認証局 \"below\": 親の \"rot\" という認証局がありません: あるもの: root"),
        (below("parent = \"below\""), "認証局 \"below\" は自分自身の下にあります: below ← below"),
        (
            below("parent = \"root\"\nvalidity = \"20y\""),
            "認証局 \"below\" は 2046-11-24T08:59:59Z まで有効ですが、認証する \"root\" の有効期間（2025-11-24T09:00:00Z から \
             2035-11-24T08:59:59Z）の外です",
        ),
        (below("parent = \"root\"\nbegins = \"-2y\""), "の外です"),
        (below("begins = \"+2y\""), "後から作られるものはありません"),
        (below("validity = \"0d\""), "0 より長い期間です"),
        (below("validity = \"9000y\""), "9999 年より後に終わります"),
        (below("rollovers = [\"+1d\"]"), "の新しい鍵が 2026-11-25T09:00:00Z にあります"),
        (below("status = []"), "少なくとも一方"),
        (below("country = \"Japan\""), "country: 英大文字 2 文字です"),
        (below("organization_identifier = \"NTRJP-1234567890123\""), "13 桁の法人番号です"),
        (format!("{ROOT}{ROOT}"), "同じ id のものが既にあります"),
        (
            TWO_BELOW.replace("PARENT", "root").replace("OTHER", "TESTBED Certification Services"),
            "サブジェクトが同じで",
        ),
        (format!("{ROOT}[[cross_certificate]]\nsubject = \"root\"\nissuer = \"root\""), "rollovers に書きます"),
        (format!("{ROOT}[[cross_certificate]]\nsubject = \"root\"\nissuer = \"x\""), "issuer の \"x\" という認証局"),
        ("authority = []".into(), "少なくとも一つ必要です"),
        (ROOT.repeat(300), "256 個までです"),
        (
            format!("{ROOT}algorithm = \"RSA-4096\"\nrollovers = [{}]", "\"-1d\",".repeat(30)),
            "設計の鍵は合計 512 までです",
        ),
    ] {
        let told = japanese(&text);
        assert!(told.iter().any(|told| told.contains(expected)), "{expected}: {told:#?}");
    }
}

#[test]
fn whatever_is_wrong_with_holders_and_organizations_is_told_in_japanese() {
    let unit = "[[time_stamping_unit]]\nname = \"one\"\n";
    let seal = "[[credential]]\nid = \"s\"\nprofile = \"seal\"\n";
    for (text, expected) in [
        (unit.repeat(2), "時刻認証ユニット \"one\": 同じ name のものが既にあります"),
        (format!("{unit}algorithm = \"Ed25519\""), "認証局専用の Ed25519"),
        (format!("{unit}authority = \"isuing\""), "認証局 \"isuing\" はありません: あるもの: root、issuing"),
        (format!("{unit}organization = \"x\""), "組織 \"x\" はありません"),
        ("[[time_stamping_unit]]\nname = \"seal-p256\"".into(), "`renew` はどちらも受け付けます"),
        ("[[time_stamping_unit]]\nname = \"api\"".into(), "api は不可"),
        (format!("{seal}algorithm = \"RSA-2048-PSS\""), "-PSS の付かない鍵"),
        (format!("{seal}algorithm = \"P-256\""), "には badge のクレデンシャルがありません"),
        (with_organization(&[("\"試験/大学/之印\"", "\"\"")]), "1〜5 列"),
        (with_organization(&[("\"TBU\"", "\"t\"")]), "証明書番号の接頭辞"),
        (with_organization(&[("\"試験大学\"", "\"\"")]), "制御文字や見えない文字のない文章"),
        (with_organization(&[("\"tbu\"", "\"-\"")]), "id は、- 以外で始まる"),
        (with_organization(&[("\"TESTBED University\"", &format!("{:?}", "N".repeat(50)))]), "の名前が作られます"),
        (format!("{}logo = \"logo.png\"", with_organization(&[])), "画像を data:image/png;base64,… の形で書きます"),
    ] {
        let told = japanese(&text);
        let expected = if expected == "証明書番号の接頭辞" {
            "number_prefix: 英大文字で始まる"
        } else {
            expected
        };
        assert!(told.iter().any(|told| told.contains(expected)), "{expected}: {told:#?}");
    }
}

#[test]
fn what_cannot_be_read_is_told_in_japanese() {
    let root = |more: &str| format!("{ROOT}{more}");
    for (text, expected) in [
        ("start = \"soon\"", "\"soon\" は時刻ではありません"),
        ("start = \"10000-01-01\"", "時刻ではありません"),
        ("start = 9999-12-31", "9999 年の最後の日より前"),
        ("clock = \"stopped\"", "`stopped` という値はありません。書けるのは `running`、`fixed` です"),
        ("clok = \"fixed\"", "`clok` という項目はありません"),
        (root("colour = 1").as_str(), "`colour` という項目はありません"),
        (root("algorithm = \"P-255\"").as_str(), "（`P-255` と書かれています）"),
        (root("validity = \"long\"").as_str(), "\"long\" は期間ではありません"),
        (root("status = [\"crll\"]").as_str(), "書けるのは `crl`、`ocsp` です"),
        (root("status = 5").as_str(), "配列を書きます（整数 `5` が書かれています）"),
        ("[[authority]]\nid = \"root\"", "項目 `common_name` がありません"),
        ("[[authority]]\nid = \"Root\"\ncommon_name = \"x\"", "英小文字で始まる 40 文字以内"),
        ("[authority]\nid = \"root\"\ncommon_name = \"x\"", "いくつも書ける [[authority]] の形にします"),
        ("authority = 5", "[[authority]] のテーブルにします。書かれているもの: 整数"),
        ("[[authorities]]\nid = \"x\"", "`authorities` という項目はありません"),
        ("[[time_stamping_unit]]\nname = \"x\"\naccuracy = \"1\"", "\"1\" は精度ではありません"),
        ("[[time_stamping_unit]]\nname = \"x\"\npolicy = \"1.2.x\"", "オブジェクト識別子を書きます"),
        ("a = 1\na = 2", "同じ項目が二度書かれています"),
        ("[[authority", "閉じられていません"),
        ("start = \"soon", "囲む文字列が正しくありません"),
        ("start = = 1", "余分です"),
        ("start", "値がありません"),
    ] {
        let told = japanese(text);
        assert!(told.iter().any(|told| told.contains(expected)), "{expected}: {told:#?}");
    }
    for (text, expected) in
        [("", "`version = 1` が必要です"), ("version = 2", "設計の形式は 1 です。書かれているもの: 2")]
    {
        let error = WorldPlan::from_toml(text, now()).unwrap_err();
        assert!(error.problems[0].japanese.as_ref().unwrap().contains(expected), "{error:?}");
    }
    let many = WorldPlan::from_toml(&"=\n".repeat(500), now()).unwrap_err();
    assert!(
        many.problems[99].japanese.as_ref().unwrap().ends_with("。ほかに 1399 件あります"),
        "{}",
        many.problems[99]
    );
}
