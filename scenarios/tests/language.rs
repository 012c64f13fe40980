//! The scenario language as its writers meet it: what is refused says where, and what may stand there.

use scenarios::story::Wrong;
use scenarios::{cases, story::Story};
use validation::Language;

const HEAD: &str = "title = { ja = \"題\", en = \"Title\" }\nclause = \"5.3\"\nwhy = { ja = \"理由\", en = \"Why\" }\n";
const VERIFY: &str = "  { verify = \"letter\", expect = { verdict = \"TOTAL-PASSED\" } },\n";

fn story(steps: &str) -> Result<Story, Wrong> {
    Story::parse("7-mine", &format!("{HEAD}steps = [\n{steps}{VERIFY}]\n"))
}

/// Refused at the first line with `place` in it, and there.
#[track_caller]
fn refused(steps: &str, place: &str, words: &[&str]) {
    let wrong = story(steps).expect_err("the story is wrong");
    let (index, line) = steps.lines().enumerate().find(|(_, line)| line.contains(place)).expect("the place is there");
    let wanted = (5 + index, line.find(place).expect("the place is there") + 1); // the steps begin in line 5
    assert_eq!((wrong.line, wrong.column), wanted, "{wrong}");
    for words in words {
        assert!(wrong.to_string().contains(words), "wanted {words:?} in: {wrong}");
    }
}

#[test]
fn an_unknown_step_is_refused_with_the_steps_that_there_are() {
    refused(
        "  { advance = \"1d\" },\n  { seel = \"letter\" },\n",
        "seel",
        &["`seel`", "expected one of issue, seal, stamp"],
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_keys_that_there_are() {
    let words = ["unknown field `levle`", "`level`", "`stamped_by`", "7-mine.toml, line 5, column 22"];
    refused("  { seal = \"letter\", levle = \"B-T\" },\n", "levle", &words);
    let wrong = Story::parse("x", &format!("titel = 1\n{HEAD}steps = []")).unwrap_err();
    assert_eq!((wrong.line, wrong.column), (1, 1), "{wrong}");
}

#[test]
fn a_wrong_value_is_refused_where_it_stands() {
    refused("  { advance = 10 },\n", "10 }", &["invalid type: integer `10`, expected a string"]);
    refused("  { advance = \"10 days\" },\n", "\"10 days", &["10 days"]);
    refused("  { seal = \"letter\", level = \"B-X\" },\n", "\"B-X", &["B-X", "wanted B-B, B-T, B-LT or B-LTA"]);
    refused("  { tamper = \"letter\", how = \"burn\" },\n", "\"burn", &["unknown variant `burn`", "`flip-content`"]);
    refused("  { fault = \"down\", on = \"moon\" },\n", "\"moon", &["\"moon\"", "expected one of ocsp, crl"]);
    refused("  { set_clock = \"tomorrow\" },\n", "\"tomorrow", &["tomorrow", "start+400d"]);
    refused("  { revoke = \"letter\", reason = \"boredom\" },\n", "\"boredom", &["boredom"]);
}

#[test]
fn a_key_that_is_missing_is_named() {
    refused("  { revoke = \"letter\" },\n", "{", &["missing field `reason`"]);
    refused("  { verify = \"letter\" },\n", "{", &["missing field `expect`"]);
}

#[test]
fn a_step_does_one_thing() {
    refused("  { advance = \"1d\", renew = \"tsa\" },\n", "renew", &["`advance` and `renew`", "two steps"]);
}

#[test]
fn a_verdict_that_the_standard_does_not_know_is_refused() {
    let verify = |expect: &str| format!("  {{ verify = \"letter\", expect = {{ {expect} }} }},\n");
    refused(&verify("verdict = \"VALID\""), "\"VALID", &["expected one of TOTAL-PASSED, TOTAL-FAILED"]);
    let pair = "verdict = \"TOTAL-FAILED\", sub_indication = \"REVOKED_NO_POE\"";
    refused(&verify(pair), "{", &["TOTAL-FAILED/REVOKED_NO_POE does not exist"]);
}

#[test]
fn a_story_without_a_verification_proves_nothing() {
    let text = format!("{HEAD}steps = [\n  {{ advance = \"1d\" }},\n]\n");
    let wrong = Story::parse("x", &text).unwrap_err();
    assert!(wrong.message.contains("verifies something"), "{wrong}");
}

#[test]
fn broken_toml_is_refused_with_its_place() {
    let wrong = Story::parse("x", "title = { ja = \"\n").unwrap_err();
    assert_eq!(wrong.line, 1, "{wrong}");
}

#[test]
fn a_story_is_told_in_both_languages() {
    let story =
        story("  { seal = \"letter\", level = \"B-T\" },\n  { revoke = \"letter\", reason = \"superseded\" },\n")
            .unwrap();
    let english = story.explain(Language::English);
    assert!(english.contains("2. The certificate of \"letter\" is revoked (superseded)."), "{english}");
    assert!(english.ends_with("clause: 5.3"));
    assert!(story.explain(Language::Japanese).contains("3. 「letter」を検証する (オンライン) → TOTAL-PASSED"));
}

#[test]
fn the_stories_of_the_program_are_found_by_number_id_and_name() {
    for which in ["7", "07", "revoked-later-bt", "07-revoked-later-bt"] {
        assert_eq!(cases::find(which).unwrap().id, "revoked-later-bt");
    }
    assert!(cases::find("no-such-story").unwrap_err().to_string().contains("eseal scenario list"));
}

#[test]
fn the_template_is_a_story() {
    assert_eq!(Story::parse("mine", cases::TEMPLATE).unwrap().steps.len(), 5);
}
