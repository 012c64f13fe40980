use super::*;

mod in_japanese;
mod limits;

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

fn read(text: &str) -> WorldPlan {
    WorldPlan::from_toml(text, now()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What is wrong with a plan that begins with `version = 1` on its first line.
fn wrong(text: &str) -> Vec<String> {
    let text = format!("version = 1\n{text}");
    let error = WorldPlan::from_toml(&text, now()).map(|_| panic!("nothing is wrong with it:\n{text}"));
    error.unwrap_err().problems.iter().map(ToString::to_string).collect()
}

const ROOT: &str = "[[authority]]\nid = \"root\"\ncommon_name = \"Root\"\n";

#[test]
fn a_plan_that_says_nothing_is_the_default_plan() {
    let default = WorldPlan::default();
    assert_eq!(read("version = 1"), default);
    assert_eq!(default.authorities.len(), 2);
    assert_eq!(default.default_authority().unwrap().id.as_str(), "issuing");
    let ids: Vec<&str> = default.credentials.iter().map(|credential| credential.id.as_str()).collect();
    assert_eq!(ids, ["seal-p256", "seal-p384", "seal-rsa2048", "seal-rsa3072", "badge-rsa2048"]);
    let subject = default.subject_of_credential(&default.credentials[2]).unwrap();
    assert_eq!(subject.common_name, "TESTBED University e-seal RSA-2048");
    assert_eq!(subject.organization_identifier, "NTRJP-9234567890123");
    let unit = default.subject_of_unit(&default.units[0]).unwrap();
    assert_eq!(unit.common_name, "TESTBED University time-stamping unit default");
    let organization = &default.organizations[0];
    assert_eq!(default.credential_of(organization, CredentialProfile::Seal).unwrap().id, "seal-p256");
    assert_eq!(default.credential_of(organization, CredentialProfile::Badge).unwrap().id, "badge-rsa2048");
}

#[test]
fn the_authorities_of_the_default_plan_are_those_of_the_default_hierarchy() {
    for (planned, expected) in WorldPlan::default().authorities.iter().zip(ca::AuthorityPlan::two_levels(KeyKind::P256))
    {
        let planned = planned.to_be_made(now()).unwrap();
        assert_eq!((planned.id, planned.parent, planned.subject), (expected.id, expected.parent, expected.subject));
        assert_eq!(planned.settings.algorithm, expected.settings.algorithm);
    }
}

#[test]
fn a_plan_that_is_written_is_read_as_the_same() {
    let plan = read(EVERYTHING);
    let written = plan.to_toml();
    assert_eq!(read(&written), plan, "{written}");
    assert_eq!(read(&written).to_toml(), written);
    assert_eq!(read(&WorldPlan::default().to_toml()), WorldPlan::default());
    assert_eq!(plan.units[0].accuracy, AccuracyText(pki::Accuracy { seconds: 1, milliseconds: 500, microseconds: 0 }));
    assert_eq!(plan.start.unwrap().at(now()).unwrap(), "2026-11-24T00:00:00Z".parse().unwrap());
}

/// A plan in which everything is said that can be.
const EVERYTHING: &str = r#"
version = 1
start = "2026-11-24T09:00:00+09:00"
clock = "fixed"

[[authority]]
id = "issuing"
parent = "middle"
common_name = "Issuing"
organization = "Certifiers"
organization_identifier = "NTRJP-8999900000001"
country = "JP"
algorithm = "RSA-3072-PSS"
begins = "2024-01-01"
validity = "5y"
rollovers = ["-1y", "2026-01-01T00:00:00Z"]
crl_validity = "12h"
ocsp_validity = "1h"
ocsp_algorithm = "P-256"
status = ["crl"]

[[authority]]
id = "root"
common_name = "Root"
algorithm = "Ed25519"
begins = "-10y"

[[authority]]
id = "middle"
parent = "root"
common_name = "Middle"
begins = "-5y"

[[authority]]
id = "other"
common_name = "Other"
algorithm = "P-521"
begins = "-2y"

[[cross_certificate]]
subject = "middle"
issuer = "other"
begins = "-1y"

[[credential]]
id = "seal"
profile = "seal"
algorithm = "RSA-4096"
organization = "second"
authority = "issuing"
common_name = "A seal"
validity = "1y"

[[credential]]
id = "badge"
profile = "badge"
algorithm = "RSA-2048"

[[time_stamping_unit]]
name = "fast"
algorithm = "RSA-2048-PSS"
organization = "second"
authority = "other"
common_name = "A unit"
validity = "10y"
policy = "1.2.3"
policies = ["1.2.4", "1.2.5"]
accuracy = "1500ms"
ordering = true

[[organization]]
id = "first"
name_ja = "第一"
name_en = "First"
registered_name = "First"
organization_identifier = "NTRJP-9234567890123"
signatory_ja = "一"
signatory_en = "One"
seal = "第一/之印"
number_prefix = "ONE"
credential = "seal"

[[organization]]
id = "second"
name_ja = "第二"
name_en = "Second"
registered_name = "Second"
organization_identifier = "NTRJP-9234567890123"
country = "JP"
signatory_ja = "二"
signatory_en = "Two"
seal = "第二/之印"
number_prefix = "TWO"
badge_credential = "badge"
"#;

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_what_was_meant() {
    let first = |text: &str| WorldPlan::from_toml(text, now()).unwrap_err().to_string();
    assert_eq!(first(""), "line 1, column 1: wanted `version = 1`, which says how the plan is to be read");
    assert_eq!(first("version = 2"), "line 1, column 11: version: this program reads version 1 of plans; found 2");
    let unknown = &wrong(&format!("{ROOT}parrent = \"x\""))[0];
    assert!(
        unknown.starts_with("line 5, column 1: unknown field `parrent`, expected one of `id`, `parent`"),
        "{unknown}"
    );
    assert!(unknown.ends_with("; did you mean \"parent\"?"), "{unknown}");
    let table = wrong("[[authorities]]\nid = \"x\"");
    assert_eq!(table[0], "line 2, column 1: missing field `common_name`", "it is read as what was meant");
    assert!(
        table[1].starts_with("line 2, column 3: unknown field `authorities`") && table[1].ends_with("\"authority\"?"),
        "{table:#?}"
    );
    let missing = &wrong("[[authority]]\nid = \"root\"")[0];
    assert_eq!(missing, "line 2, column 1: missing field `common_name`");
    let algorithm = &wrong(&format!("{ROOT}algorithm = \"P-255\""))[0];
    assert!(algorithm.starts_with("line 5, column 13: ") && algorithm.contains("RSA-2048"), "{algorithm}");
    assert!(wrong(&format!("{ROOT}status = [\"crll\"]"))[0].ends_with("did you mean \"crl\"?"));
    assert!(wrong(&format!("{ROOT}id = \"two\""))[0].contains("duplicate key"));
    assert!(wrong("start = \"soon\"")[0].starts_with("line 2, column 9: \"soon\" is not a time"));
    assert!(wrong(&format!("{ROOT}validity = \"long\""))[0].contains("is not a duration"));
}

#[test]
fn authorities_hang_together() {
    let middle = "[[authority]]\nid = \"middle\"\nparent = \"rot\"\ncommon_name = \"Middle\"\n";
    assert_eq!(
        wrong(&format!("{ROOT}{middle}"))[0],
        "line 7, column 10: authority \"middle\": no authority is its parent \"rot\": there is root; did you mean \"root\"?"
    );
    let one =
        |id: &str, parent: &str| format!("[[authority]]\nid = {id:?}\nparent = {parent:?}\ncommon_name = \"X\"\n");
    let looped = wrong(&format!("{ROOT}{}{}{}", one("a", "b"), one("b", "c"), one("c", "a")));
    assert_eq!(looped, ["line 7, column 10: authority \"a\" hangs below itself: a below b below c below a"]);
    assert_eq!(wrong(&format!("{ROOT}{}", one("a", "a")))[0].split(": ").nth(2).unwrap(), "a below a");
    assert_eq!(
        wrong(&format!("{ROOT}{ROOT}"))[0],
        "line 6, column 6: authority \"root\": there is one with that id already"
    );
}

#[test]
fn no_validity_lies_outside_the_issuers() {
    let root = format!("{ROOT}begins = \"-1y\"\nvalidity = \"10y\"\n");
    let issuing = |more: &str| {
        format!("{root}[[authority]]\nid = \"issuing\"\nparent = \"root\"\ncommon_name = \"Issuing\"\n{more}\n")
    };
    assert_eq!(
        wrong(&issuing("validity = \"20y\"")),
        [
            "line 11, column 12: authority \"issuing\" is valid until 2046-11-24T08:59:59Z, outside the validity of \"root\", which \
          certifies it: 2025-11-24T09:00:00Z to 2035-11-24T08:59:59Z"
        ]
    );
    assert!(wrong(&issuing("begins = \"-2y\""))[0].starts_with(
        "line 11, column 10: authority \"issuing\" begins at 2024-11-24T09:00:00Z, outside the validity of \"root\""
    ));
    assert!(wrong(&issuing("begins = \"+1y\""))[0].contains("after the start"));
    assert!(wrong(&issuing("validity = \"0d\""))[0].contains("validity wants a duration above 0"));
    assert!(
        wrong(&issuing("rollovers = [\"+1d\"]"))[0]
            .starts_with("line 11, column 13: authority \"issuing\" gets a new key")
    );
    let seal = "[[credential]]\nid = \"s\"\nprofile = \"seal\"\nalgorithm = \"P-256\"\nvalidity = \"20y\"\n";
    let long = wrong(&format!("{}{seal}", issuing("")));
    assert!(long.iter().any(|problem| problem.contains("credential \"s\" is valid until")), "{long:?}");
}

#[test]
fn all_errors_of_syntax_are_told_and_what_is_wrong_elsewhere_too() {
    let problems = wrong(
        "start = 2026-13-45x\n[[authority]]\nid = \"root\ncommon_name = \"Root\"\nalgorithm = \"P-255\"\nvalidity = = \"1y\"\n",
    );
    let lines: Vec<&str> = problems.iter().map(|problem| problem.split(',').next().unwrap()).collect();
    for line in ["line 2", "line 4", "line 6", "line 7"] {
        assert!(lines.contains(&line), "{line}: {problems:#?}");
    }
    assert!(!problems.iter().any(|problem| problem.contains("missing")), "{problems:#?}");
}

#[test]
fn wrong_values_and_members_are_told_all_at_once_with_what_hangs_on_them() {
    let problems = wrong(
        "clok = \"fixed\"\n[[authority]]\nid = \"root\"\nalgorithm = \"P-255\"\ncolour = 1\n[[authority]]\nid = \"issuing\"\n\
         parent = \"root\"\ncommon_name = \"\"\nstatus = [\"crll\"]\ncrl_validity = \"0d\"\n[time_stamping_unit]\nname = \"default\"\naccuracy = 5\n",
    );
    let expected = [
        "line 2, column 1: unknown field `clok`",
        "line 3, column 1: missing field `common_name`",
        "line 5, column 13: ",
        "line 6, column 1: unknown field `colour`",
        "line 10, column 15: authority \"issuing\"",
        "line 11, column 11: unknown variant `crll`",
        "line 12, column 16: authority \"issuing\": crl_validity wants a duration above 0",
        "line 13, column 1: wanted [[time_stamping_unit]], of which there may be several; found [time_stamping_unit]",
        "line 15, column 12: invalid type: integer `5`",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\nand not {expected}");
    }
    assert!(problems[0].ends_with("did you mean \"clock\"?") && problems[2].ends_with("did you mean \"P-256\"?"));
}

#[test]
fn what_follows_from_a_member_that_cannot_be_read_is_told_later() {
    let problems =
        wrong(&format!("{ROOT}[[authority]]\nid = \"Issuing!\"\nparent = \"rot\"\ncommon_name = \"Issuing\"\n"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].starts_with("line 6, column 6: "), "{problems:#?}");
    let misspelt =
        wrong(&format!("{ROOT}[[authority]]\nid = \"issuing\"\nparrent = \"rot\"\ncommon_name = \"Issuing\"\n"));
    assert_eq!(misspelt.len(), 2, "it is read as what was meant: {misspelt:#?}");
    assert!(misspelt[1].ends_with("there is root; did you mean \"root\"?"), "{misspelt:#?}");
}

#[test]
fn a_date_of_toml_is_as_good_as_a_text() {
    for (written, expected) in [
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2026-11-24T09:00:00+09:00", "2026-11-24T00:00:00Z"),
        ("2026-11-24 09:00:00Z", "2026-11-24T09:00:00Z"),
    ] {
        let plan = read(&format!(
            "version = 1\nstart = {written}\n[[authority]]\nid = \"root\"\ncommon_name = \"Root\"\nbegins = 2020-01-01\n"
        ));
        assert_eq!(plan.start, Some(Moment::At(expected.parse().unwrap())), "{written}");
        assert_eq!(plan.authorities[0].begins, Some(Moment::At("2020-01-01T00:00:00Z".parse().unwrap())));
    }
    assert!(wrong("start = 09:00:00")[0].starts_with("line 2, column 9: \"09:00:00\" is not a time"));
    assert!(wrong("start = 2026-11-24T09:00:00")[0].contains("2026-11-24T09:00:00"));
    assert!(wrong("start = \"10000-01-01\"")[0].starts_with("line 2, column 9: "));
    let last = wrong("start = 9999-12-31");
    assert!(last.len() == 1 && last[0].starts_with("line 2, column 9: start: nothing that begins at"), "{last:#?}");
    assert_eq!(
        read("version = 1\nstart = 9999-12-01").start,
        Some(Moment::At("9999-12-01T00:00:00Z".parse().unwrap()))
    );
}

#[test]
fn what_a_table_of_the_default_plan_misses_is_told_where_the_file_has_another() {
    let own = "[[credential]]\nid = \"mine\"\nprofile = \"seal\"\nalgorithm = \"P-256\"\n";
    let badge = wrong(own);
    assert_eq!(badge.len(), 1, "{badge:#?}");
    assert!(badge[0].starts_with("line 2, column 1: organization \"tbu\" has no badge credential"), "{badge:#?}");
    assert!(badge[0].ends_with("(of the default plan: the file has no [[organization]])"), "{badge:#?}");
    let ended = wrong(&format!("{ROOT}begins = \"-9y\"\nvalidity = \"8y\"\n"));
    assert!(!ended.is_empty() && ended.iter().all(|problem| problem.starts_with("line 6, column 12: ")), "{ended:#?}");
    let unit = wrong("[[time_stamping_unit]]\nname = \"seal-p256\"\n");
    assert!(unit[0].starts_with("line 3, column 8: credential \"seal-p256\""), "{unit:#?}");
}

#[test]
fn no_two_units_organizations_or_prefixes_have_one_name() {
    let unit = "[[time_stamping_unit]]\nname = \"one\"\n";
    let twice = wrong(&format!("{unit}{unit}"));
    assert_eq!(twice, ["line 5, column 8: time-stamping unit \"one\": there is one with that name already"]);
    let organization = |id: &str| {
        let default = WorldPlan::DEFAULT.rsplit("[[organization]]").next().unwrap();
        format!(
            "[[organization]]{}",
            default.replace(
                "id = \"tbu\"",
                &format!("id = {id:?}\ncredential = \"seal-p256\"\nbadge_credential = \"badge-rsa2048\"")
            )
        )
    };
    let prefixes = wrong(&format!("{}{}", organization("one"), organization("two")));
    assert_eq!(prefixes.len(), 1, "{prefixes:#?}");
    assert!(
        prefixes[0].ends_with("number prefix \"TBU\": there is one with that number_prefix already"),
        "{prefixes:#?}"
    );
}

#[test]
fn cross_certificates_connect_authorities_that_are_there_and_valid() {
    let two = format!("{ROOT}[[authority]]\nid = \"other\"\ncommon_name = \"Other\"\nbegins = \"-1y\"\n");
    let cross = |text: &str| wrong(&format!("{two}[[cross_certificate]]\n{text}\n")).remove(0);
    let told = cross("subject = \"root\"\nissuer = \"othr\"");
    assert_eq!(
        told,
        "line 11, column 10: cross-certificate: no authority is its issuer \"othr\": there is root, other; did you mean \"other\"?"
    );
    assert!(cross("subject = \"root\"\nissuer = \"root\"").contains("a new key of its own is a rollover"));
    let once = "subject = \"root\"\nissuer = \"other\"";
    assert!(cross(&format!("{once}\n[[cross_certificate]]\n{once}")).contains("it is planned already"));
    let early = cross(&format!("{once}\nbegins = \"-2y\""));
    assert!(
        early.starts_with("line 12, column 10: ") && early.contains("wanted a time at which both are valid"),
        "{early}"
    );
    assert!(cross(&format!("{once}\nbegins = \"+2y\"")).contains("not after the start"));
    assert!(cross("subject = \"root\"").contains("missing field `issuer`"));
}

#[test]
fn more_authorities_than_a_path_can_have_stand_above_no_seal() {
    let mut text = ROOT.to_owned();
    let id = |level: usize| if level == 0 { "root".to_owned() } else { format!("a{level}") };
    for level in 1..10 {
        text += &format!("[[authority]]\nid = {:?}\nparent = {:?}\ncommon_name = \"A\"\n", id(level), id(level - 1));
    }
    let problems = wrong(&text);
    assert!(
        problems.iter().all(|problem| problem.contains("10 authorities stand above it; the verifier follows 9")),
        "{problems:#?}"
    );
    assert!(problems[0].starts_with("line 39, column 10: "), "{problems:#?}");
}

#[test]
fn what_is_no_plan_at_all_is_told_in_a_hundred_lines() {
    let error = WorldPlan::from_toml(&"=\n".repeat(5000), now()).unwrap_err();
    assert_eq!(error.problems.len(), 100);
    assert!(error.problems[99].message.ends_with(" more"), "{}", error.problems[99]);
}

const TWO_BELOW: &str = r#"
[[authority]]
id = "root"
common_name = "Root"
[[authority]]
id = "one"
parent = "root"
common_name = "CA"
[[authority]]
id = "two"
parent = "PARENT"
common_name = "CA"
organization = "OTHER"
"#;

#[test]
fn one_authority_certifies_no_two_of_one_name() {
    let plan = |parent: &str, organization: &str| TWO_BELOW.replace("PARENT", parent).replace("OTHER", organization);
    let told = wrong(&plan("root", "TESTBED Certification Services"));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("line 13, column 15: authority \"two\": \"one\" has the same subject"), "{told:#?}");
    read(&format!("version = 1{}", plan("one", "TESTBED Certification Services")));
    read(&format!("version = 1{}", plan("root", "Another")));
}

/// What the default plan says of its organisation, with other members.
fn with_organization(changes: &[(&str, &str)]) -> String {
    let organization = &WorldPlan::DEFAULT[WorldPlan::DEFAULT.find("\n[[organization]]").unwrap()..];
    changes.iter().fold(organization.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} in {text}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn what_is_wrong_with_an_organization_is_told_once_at_its_member() {
    let told = wrong(&with_organization(&[("NTRJP-9234567890123", "NTRJP-1234567890123")]));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("organizationIdentifier: wanted"), "{told:#?}");
    let column =
        |told: &str| told.split([' ', ',', ':']).filter_map(|word| word.parse::<usize>().ok()).collect::<Vec<_>>()[1];
    assert_eq!(column(&told[0]), "organization_identifier = ".len() + 1, "{told:#?}");
    for name in ["N".repeat(50), "N".repeat(70)] {
        let told = wrong(&with_organization(&[(
            "registered_name = \"TESTBED University\"",
            &format!("registered_name = {name:?}"),
        )]));
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].contains("registered_name") && told[0].contains("at most 64 characters"), "{told:#?}");
        assert_eq!(column(&told[0]), "registered_name = ".len() + 1, "{told:#?}");
    }
}

#[test]
fn what_would_be_valid_beyond_the_year_9999_is_refused_aloud() {
    let root = |more: &str| wrong(&format!("{ROOT}{more}\n"));
    for member in ["validity", "crl_validity", "ocsp_validity"] {
        let told = root(&format!("{member} = \"9000y\""));
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with("line 5") && told[0].contains("ends after the year 9999"), "{told:#?}");
    }
    let below = format!(
        "{ROOT}[[authority]]\nid = \"below\"\nparent = \"root\"\ncommon_name = \"Below\"\nvalidity = \"9000y\"\n"
    );
    assert_eq!(wrong(&below).len(), 1, "nothing is said of the parent's validity besides");
    let seal = "[[credential]]\nid = \"seal\"\nprofile = \"seal\"\nalgorithm = \"P-256\"\nvalidity = \"9000y\"\n[[credential]]\nid = \"badge\"\nprofile = \"badge\"\nalgorithm = \"RSA-2048\"\n";
    let told = wrong(seal);
    assert!(told.len() == 1 && told[0].contains("ends after the year 9999"), "{told:#?}");
    read("version = 1\nstart = \"9990-01-01\"");
    read("version = 1\nstart = \"9999-12-30\"");
}

#[test]
fn each_wrong_name_of_an_authority_and_of_an_organization_is_told_at_once() {
    let authority = "[[authority]]\nid = \"root\"\ncommon_name = \"\"\norganization = \"a\\u200b\"\norganization_identifier = \"NTRJP-1\"\n\
        country = \"Japan\"\n";
    let lines = |told: &[String]| -> Vec<String> {
        told.iter().map(|told| told.split(',').next().unwrap().to_owned()).collect()
    };
    let told = wrong(authority);
    assert_eq!(lines(&told), ["line 4", "line 5", "line 6", "line 7"], "{told:#?}");
    let told = wrong(&with_organization(&[
        ("registered_name = \"TESTBED University\"", "registered_name = \" \""),
        ("NTRJP-9234567890123", "XYZ"),
        ("country = \"JP\"", "country = \"jp\""),
    ]));
    assert_eq!(told.len(), 3, "{told:#?}");
    let together = wrong(&with_organization(&[(
        "registered_name = \"TESTBED University\"",
        "registered_name = \"NTRJP-9234567890123\"",
    )]));
    assert!(together.len() == 1 && together[0].contains("not its identifier"), "{together:#?}");
}
