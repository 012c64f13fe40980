//! A template in a folder of somebody's own, with its pictures, from the command line.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const BADGE: &[u8] = include_bytes!("../../issuer/assets/badge.png");
const INVOICE: &str = include_str!("../../examples/invoice.json");
const TEMPLATE: &str = include_str!("../../issuer/templates/invoice.toml");

/// Exit code, and what was said as JSON and as text.
fn eseal(folder: &Path, words: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eseal"));
    command.current_dir(folder).env("LC_ALL", "C.UTF-8").env_remove("ESEAL_LOG").env_remove("ESEAL_DATA");
    let output = command.args(["--json", "--data", "world"]).args(words).output().unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), told, String::from_utf8_lossy(&said).replace("\\\"", "\""))
}

/// The folder of a template: one that comes along under another id, with a logo and a picture as seal.
fn write_template(folder: &Path, version: u32) {
    let text = TEMPLATE.replace("id = \"invoice\"", "id = \"bill\"");
    let text = text.replacen("\nversion = 1", &format!("\nversion = {version}"), 1);
    let text = text.replace("[logo]\n", "[logo]\nfile = \"logo.png\"\nalternative = \"社章 / Logo\"\n");
    let text = text + "\n[seal]\ntext = \"社/印\"\npicture = \"seal.png\"\n";
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("template.toml"), text).unwrap();
    std::fs::write(folder.join("logo.png"), BADGE).unwrap();
}

#[test]
fn a_folder_is_a_template_with_its_pictures_and_every_version_of_it_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::write(folder.join("data.json"), INVOICE.replace("\"template\": \"invoice\"", "\"template\": \"bill\""))
        .unwrap();
    write_template(&folder.join("mine"), 1);
    assert_eq!(eseal(folder, &["up", "--once"]).0, 0);
    let issue = ["issue", "data.json", "--template", "mine", "--level", "B-B", "--out", "."];
    let (code, _, said) = eseal(folder, &issue);
    assert!(code != 0 && said.contains("there is no file \"seal.png\" beside the template"), "{code}: {said}");
    assert!(said.contains("mine/template.toml, line"), "{said}");

    std::fs::write(folder.join("mine/seal.png"), BADGE).unwrap();
    let (code, first, said) = eseal(folder, &issue);
    assert_eq!((code, &first["template"], &first["template_version"]), (0, &"bill".into(), &1.into()), "{said}");

    write_template(&folder.join("mine"), 2);
    let (code, second, said) = eseal(folder, &issue);
    assert_eq!((code, &second["template_version"]), (0, &2.into()), "{said}");

    let (code, _, said) = eseal(folder, &["template", "show", "bill", "--template-version", "1", "--out", "first"]);
    assert!(code == 0 && said.contains("logo.png") && said.contains("seal.png"), "{said}");
    assert_eq!(std::fs::read(folder.join("first/logo.png")).unwrap(), BADGE);
    let (code, checked, said) = eseal(folder, &["template", "check", "first"]);
    assert_eq!((code, &checked["version"]), (0, &1.into()), "{said}");
    let (code, _, said) = eseal(folder, &["issue", "data.json", "--template", "first", "--level", "B-B", "--out", "."]);
    assert!(code == 4 && said.contains("version 1 is older than 2, the newest of bill"), "{code}: {said}");
    let (code, _, said) = eseal(folder, &["template", "show", "bill", "--out", "first"]);
    assert!(code == 4 && said.contains("first/template.toml"), "what is there stays: {code}: {said}");
    assert_eq!(eseal(folder, &["template", "show", "bill", "--out", "newest"]).0, 0);
    let (code, newest, said) =
        eseal(folder, &["issue", "data.json", "--template", "newest", "--level", "B-B", "--out", "."]);
    assert_eq!((code, &newest["template_version"]), (0, &2.into()), "{said}");

    let again = |words: &[&str]| {
        let number = first["number"].as_str().unwrap();
        eseal(
            folder,
            &[&["certificate", "reissue", number, "--reason", "lost", "--level", "B-B", "--out", "."], words].concat(),
        )
    };
    let (code, _, said) = again(&["--template-version", "3"]);
    assert!(code != 0 && said.contains("there is no version 3; there are: 1, 2"), "{code}: {said}");
    let (code, third, said) = again(&[]);
    assert_eq!((code, &third["template_version"]), (0, &1.into()), "{said}");
}

#[test]
fn what_is_wrong_with_a_template_is_said_in_japanese_too() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let said = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eseal"));
        command.current_dir(folder).env("LC_ALL", "C.UTF-8").env_remove("ESEAL_LOG").env_remove("ESEAL_DATA");
        let output = command.args(["--lang", "ja"]).args(words).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    for (from, to, expected) in [
        ("size = 27", "size = nan", "size: 4 から 72 までの数が必要ですが、NaN です"),
        ("size = 27", "siz = 27", "siz という項目はありません"),
        ("{tax.due}", "{tax.deu}", "\"tax.deu\" という項目はありません"),
        ("text = \"請求書\"", "text = \"請求書𐐀\"", "に文字 𐐀（U+10400）がありません"),
        ("lines = [", "lines = ", "TOML として読めません。書き方が違います（読み取りプログラムの説明: 「"),
    ] {
        assert!(TEMPLATE.contains(from), "{from}");
        let own = TEMPLATE.replace("id = \"invoice\"", "id = \"bill\"");
        std::fs::write(folder.join("mine.toml"), own.replacen(from, to, 1)).unwrap();
        let told = said(&["template", "check", "mine.toml"]);
        assert!(told.starts_with("エラー: mine.toml") && told.contains(expected), "{told}");
        assert!(!told.contains("wanted") && !told.contains("there is no"), "{told}");
    }
    std::fs::write(folder.join("mine.toml"), b"format = 1\n# \x90\xbf\x8b\x81\x8f\x91\n").unwrap();
    let told = said(&["template", "check", "mine.toml"]);
    assert!(told.contains("2 行 3 列") && told.contains("UTF-8 を選んで保存し直して"), "{told}");
    let told = said(&["template", "preview", "invoise"]);
    assert!(told.contains("あるのは learning, training") && told.contains("\"invoice\" の誤り"), "{told}");
    std::fs::write(folder.join("data.json"), INVOICE.replace("\"registration_number\"", "\"registration\"")).unwrap();
    let told = said(&["template", "preview", "invoice", "data.json"]);
    assert!(
        told.contains("テンプレート invoice に必要な登録番号") || told.contains("テンプレート invoice の項目"),
        "{told}"
    );
}

#[test]
fn what_no_world_takes_does_not_pass_and_what_lacks_a_font_is_named() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    write("copy.toml", TEMPLATE.to_owned());
    assert_eq!(eseal(folder, &["template", "check", "copy.toml"]).0, 0);
    write("changed.toml", TEMPLATE.replacen("text = \"請求書\"", "text = \"御請求書\"", 1));
    let (code, _, said) = eseal(folder, &["template", "check", "changed.toml"]);
    let line = TEMPLATE.lines().position(|line| line.starts_with("id = ")).unwrap() + 1;
    let expected = format!("changed.toml, line {line}, column 6: id \"invoice\": one of that id comes along");
    assert!(code == 4 && said.contains(&expected), "{code}: {said}");

    write("rare.toml", TEMPLATE.replacen("text = \"請求書\"", "text = \"請求書𐐀\"", 1));
    write("data.json", INVOICE.to_owned());
    write("rare.json", INVOICE.replacen("株式会社", "𐐀株式会社", 1));
    for (template, data, named) in [
        ("rare.toml", None, "rare.toml"),
        ("rare.toml", Some("data.json"), "rare.toml"),
        ("invoice", Some("rare.json"), "rare.json"),
    ] {
        let words = [&["template", "preview", template][..], data.as_slice()].concat();
        let (code, _, said) = eseal(folder, &words);
        assert!(code != 0 && said.contains(&format!("\"input\":\"{named}\"")), "{code}: {said}");
    }
    let (code, _, said) = eseal(folder, &["template", "preview", "nope"]);
    assert!(code == 4 && said.contains("there are: learning, training, conformity, invoice"), "{code}: {said}");
}

#[test]
fn the_pictures_beside_a_plan_are_part_of_the_world_that_is_made_by_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("plans");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(eseal(place.path(), &["up", "--once"]).0, 0);
    let (_, default, _) = eseal(place.path(), &["world", "plan"]);
    let plan = default["plan"].as_str().unwrap();
    let plan =
        plan.replace("[[organization]]\n", "[[organization]]\nseal_picture = \"seal.png\"\nlogo = \"logo.png\"\n");
    std::fs::write(folder.join("plan.toml"), plan).unwrap();
    std::fs::write(folder.join("logo.png"), BADGE).unwrap();
    let (code, _, said) = eseal(place.path(), &["world", "plan", "--check", "plans/plan.toml"]);
    assert!(code != 0 && said.contains("seal_picture") && said.contains("cannot be read"), "{code}: {said}");

    std::fs::write(folder.join("seal.png"), BADGE).unwrap();
    let (code, _, said) = eseal(place.path(), &["world", "new", "mine", "--plan", "plans/plan.toml"]);
    assert_eq!(code, 0, "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
    let (code, kept, _) = eseal(place.path(), &["world", "plan", "--world", "mine"]);
    assert!(code == 0 && kept["plan"].as_str().unwrap().contains("seal_picture = \"data:image/png;base64,"));
    std::fs::write(place.path().join("data.json"), INVOICE).unwrap();
    let issue = ["issue", "data.json", "--world", "mine", "--level", "B-B", "--out", "with.pdf"];
    let (code, _, said) = eseal(place.path(), &issue);
    assert_eq!(code, 0, "{said}");
    eseal(place.path(), &["issue", "data.json", "--level", "B-B", "--out", "without.pdf"]);
    let length = |name: &str| std::fs::metadata(place.path().join(name)).unwrap().len();
    assert!(length("with.pdf") > length("without.pdf") + 5000);
}
