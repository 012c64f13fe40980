//! What people are told in Japanese, and that programs are told the same in every language.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::path::Path;

/// Exit code, stdout and stderr of a command in a locale.
fn said(folder: &Path, locale: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = place::eseal(folder);
    let output = command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", locale).args(arguments).output();
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Everything that was said.
fn all(folder: &Path, locale: &str, arguments: &[&str]) -> String {
    let (_, stdout, stderr) = said(folder, locale, arguments);
    stdout + &stderr
}

const JAPANESE: &str = "ja_JP.UTF-8";

#[test]
fn the_locale_or_lang_chooses_the_language_of_what_people_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (english, japanese) = ("not running", "停止中");
    std::fs::write(folder.join("wrong.toml"), "version = 2\n").unwrap();
    std::fs::write(folder.join("right.toml"), "version = 1\n").unwrap();
    for (locale, arguments, expected) in [
        ("C", ["status"].as_slice(), english),
        ("en_US.UTF-8", &["status"], english),
        ("", &["status"], english),
        (JAPANESE, &["status"], japanese),
        (JAPANESE, &["status", "--lang", "en"], english),
        ("C", &["status", "--lang=ja"], japanese),
        ("C", &["--lang", "ja", "status"], japanese),
        ("C", &["verify", "no.pdf", "--trust", "no.pem", "--lang", "ja"], "エラー: no.pem を読み取れません"),
        ("C", &["clock", "get", "--lang", "ja"], "エラー: ワールド default は eseal-data にありません"),
        ("C", &["--help", "--lang", "ja"], "PDF の e シールを EN 319 102-1 に従って判定する"),
        (JAPANESE, &["world", "list"], "ワールドはありません"),
        (JAPANESE, &["logs"], "にログはありません"),
        (JAPANESE, &["up", "--listen", "0.0.0.0:8700"], "他のマシンからも届きます"),
        (JAPANESE, &["scenario", "run", "nosuch"], "シナリオ nosuch はありません"),
        (JAPANESE, &["world", "plan", "--check", "wrong.toml"], "wrong.toml、1 行 11 列: "),
        (JAPANESE, &["world", "plan", "--check", "right.toml"], "設計に誤りはありません（認証局 2、"),
        (JAPANESE, &["clock", "gett"], "エラー: 引数を確認してください: "),
        (JAPANESE, &["clock", "gett"], "使い方: "),
        (JAPANESE, &["clock", "gett"], "'gett' というコマンドはありません"),
        (
            JAPANESE,
            &["certificate", "list", "--state", "bogus"],
            "'--state <STATE>' の値 'bogus' は使えません: valid、",
        ),
        (
            JAPANESE,
            &["issue", "a.json", "--level", "B-Q"],
            "\"B-Q\" というレベルはありません。B-B、B-T、B-LT、B-LTA のいずれか",
        ),
        (JAPANESE, &["certificate", "list", "--limit", "0"], "1 から 4294967295 までの数が必要ですが、0 です"),
        (JAPANESE, &["certificate", "list", "--limit", "x"], "'x' は使えません: 整数が必要です"),
        (JAPANESE, &["certificate", "show", "TBU-2026-000001-X"], "最後の検査文字が合いません"),
        (JAPANESE, &["revoke", "0a", "--reason", "x"], "のいずれかが必要です"),
        (JAPANESE, &["world", "new", "A"], "ワールドの名前は a-z"),
        (JAPANESE, &["status", "--bogus"], "'--bogus' という引数はありません"),
        (JAPANESE, &["certificate", "show"], "次の引数が必要です:"),
        ("C", &["clock", "gett"], "error: "),
        ("C", &["status", "--lang", "fr"], "wanted ja or en"),
    ] {
        let told = all(folder, locale, arguments);
        assert!(told.contains(expected), "{locale} {arguments:?}: {told}");
    }
}

#[test]
fn programs_read_the_same_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(said(folder, JAPANESE, &["up", "--once", "--json"]).0, 0);
    std::fs::write(folder.join("report.pdf"), include_bytes!("../../examples/report.pdf")).unwrap();
    for arguments in [
        ["status", "--json"].as_slice(),
        &["stop", "--json"],
        &["clock", "freeze", "--json"],
        &["clock", "set", "zz", "--json"],
        &["template", "list", "--json"],
        &["logs", "--json"],
        &["clock", "gett", "--json"],
        &["world", "list", "--json"],
        &["world", "new", "Class", "--json"],
        &["certificate", "list", "--state", "bogus", "--json"],
        &["verify", "nowhere.pdf", "--json"],
        &["verify", "report.pdf", "--json"],
        &["issue", "report.pdf", "--json"],
        &["revoke", "00", "--reason", "keyCompromise", "--json"],
        &["renew", "nothing", "--json"],
        &["clock", "get", "--world", "none", "--json"],
        &["status", "--url", "http://127.0.0.1:1", "--json"],
    ] {
        let comparable = |text: String| {
            let varies = ["\"time\"", "validation_time", "offset_seconds"];
            let member = |line: &str| varies.iter().any(|name| line.contains(name));
            let members = text.split(',').filter(|member_text| !member(member_text)).collect::<Vec<_>>();
            members.join(",")
        };
        let [english, japanese] = ["C", JAPANESE].map(|locale| said(folder, locale, arguments));
        assert_eq!((english.0, comparable(english.1)), (japanese.0, comparable(japanese.1)), "{arguments:?}");
        assert_eq!(japanese.2, "", "{arguments:?}: nobody is there to read");
    }
    let (_, listed, _) = said(folder, "C", &["certificate", "list", "--json"]);
    let number = listed.split("\"number\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    std::fs::write(folder.join("empty.json"), "{}").unwrap();
    let unread = all(folder, JAPANESE, &["certificate", "reissue", number, "empty.json", "--reason", "x"]);
    assert!(unread.contains("項目 recipient がありません") && !unread.contains("missing"), "{unread}");
    let refused = all(folder, JAPANESE, &["certificate", "release", number, "--reason", "x"]);
    assert!(refused.contains(&format!("証明書 {number} は停止解除（release）できません。")), "{refused}");
    assert!(
        refused.contains("有効です。できること: 取消（revoke）、一時停止（suspend）、再発行（reissue）"),
        "{refused}"
    );
    let wrong = all(folder, JAPANESE, &["certificate", "suspend", number, "--reason", ""]);
    assert!(wrong.contains("理由（reason）: 1～200 文字が必要です"), "{wrong}");
}
