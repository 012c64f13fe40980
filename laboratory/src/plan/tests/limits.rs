//! How much may be asked for: what is more is refused before anything is looked at, and what is as much is looked at once.

use super::*;

/// So many authorities, each named by `parent` of the number before.
fn authorities(many: usize, more: &str, parent: impl Fn(usize) -> Option<usize>) -> String {
    let one = |number: usize| {
        let parent = parent(number).map(|parent| format!("parent = \"a{parent}\"\n")).unwrap_or_default();
        format!("[[authority]]\nid = \"a{number}\"\ncommon_name = \"A {number}\"\n{parent}{more}")
    };
    (0..many).map(one).collect()
}

#[test]
fn as_many_tables_as_a_text_can_hold_are_refused_by_their_number_alone() {
    let told = wrong(&authorities(5_000, "", |number| number.checked_sub(1)));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].ends_with("a plan has at most 256 [[authority]]; found 5000"), "{told:#?}");
    let cross = "[[cross_certificate]]\nsubject = \"root\"\nissuer = \"root\"\n".repeat(5_000);
    assert!(wrong(&format!("{ROOT}{cross}"))[0].ends_with("at most 256 [[cross_certificate]]; found 5000"));
}

#[test]
fn as_many_authorities_and_holders_as_there_may_be_are_read_and_a_chain_of_them_ends_with_the_longest_path() {
    let seal =
        |number: usize| format!("[[credential]]\nid = \"s{number}\"\nprofile = \"seal\"\nalgorithm = \"P-256\"\n");
    let badge = "[[credential]]\nid = \"badge\"\nprofile = \"badge\"\nalgorithm = \"RSA-2048\"\n";
    let seals: String = (0..200).map(seal).collect();
    let all_below_one = authorities(150, "", |number| (number > 0).then_some(0));
    read(&format!("version = 1\n{all_below_one}{seals}{badge}"));
    let chain = wrong(&format!("{}{seals}{badge}", authorities(150, "", |number| number.checked_sub(1))));
    let deep = "authority \"a10\": 11 authorities stand above each other; paths have at most 10 certificates";
    assert!(chain.iter().any(|told| told.ends_with(deep)), "{:#?}", chain.first());
    read(&format!(
        "version = 1\n{}[[authority]]\nid = \"b\"\nparent = \"a0\"\ncommon_name = \"B\"\n{}",
        authorities(10, "", |number| number.checked_sub(1)),
        with_holders_below("b")
    ));
}

/// The default plan's holders, certified by that authority.
fn with_holders_below(authority: &str) -> String {
    let holder = |table: &str, members: &str| format!("[[{table}]]\n{members}\nauthority = {authority:?}\n");
    holder("credential", "id = \"s\"\nprofile = \"seal\"\nalgorithm = \"P-256\"")
        + &holder("credential", "id = \"b\"\nprofile = \"badge\"\nalgorithm = \"RSA-2048\"")
        + &holder("time_stamping_unit", "name = \"default\"")
}

#[test]
fn keys_are_weighed_before_any_is_made() {
    assert_eq!(WorldPlan::default().weight(), 13);
    let sixty = wrong(&authorities(60, "algorithm = \"RSA-4096\"\n", |_| None));
    assert_eq!(sixty.len(), 1, "{sixty:#?}");
    assert!(sixty[0].starts_with("line 2, column 1: the keys of a plan count at most 512"), "{sixty:#?}");
    assert!(sixty[0].ends_with("; found 1449"), "{sixty:#?}");
    let rollovers = format!("{ROOT}rollovers = [{}]\n", "\"-1d\", ".repeat(300));
    assert!(wrong(&rollovers)[0].contains("the keys of a plan count at most 512"));
    let holders = "[[credential]]\nid = \"s\"\nprofile = \"seal\"\nalgorithm = \"RSA-4096\"\n".repeat(50);
    assert!(wrong(&holders)[0].starts_with("line 2, column 1: the keys of a plan count at most 512"));
}

#[test]
fn a_text_is_as_long_as_a_plan_can_be_and_only_pictures_make_it_longer() {
    let long = wrong(&format!("x = [{}]", "1,".repeat(300_000)));
    assert_eq!(long, ["line 1, column 1: without its pictures a plan has at most 524288 bytes; found 600018"]);
    let picture = format!("logo = \"data:image/png;base64,{}\"", "A".repeat(600_000));
    assert!(
        wrong(&format!("{}{picture}", with_organization(&[])))[0].contains("logo"),
        "the picture itself is looked at"
    );
    assert!(wrong(&"#\n".repeat(3 << 20))[0].contains("a plan has at most 4194304 bytes"));
}

#[test]
fn as_many_faults_as_a_text_can_hold_are_told_in_a_hundred_and_cost_no_more() {
    let members: String = (0..20_000).map(|number| format!("m{number} = 1\n")).collect();
    for text in [format!("version = 1\n{ROOT}{members}"), format!("version = 1\n{members}")] {
        let told = WorldPlan::from_toml(&text, now()).unwrap_err();
        assert_eq!(told.problems.len(), 100, "{}", told.problems.len());
        assert!(told.problems[99].message.ends_with(" more"), "{}", told.problems[99]);
    }
    let tables: String = (0..20_000).map(|number| format!("[m{number}]\n")).collect();
    assert!(wrong(&tables).len() <= 100);
    let told = WorldPlan::from_toml(&"=\n".repeat(5000), now()).unwrap_err();
    assert!(told.problems[99].message.ends_with("; and 14899 more"), "{}", told.problems[99]);
}

#[test]
fn a_text_of_an_organization_that_no_certificate_has_room_for_is_refused_with_how_much_there_is() {
    let plan = |ja: usize, en: usize| {
        let (ja, en) = ("国".repeat(ja), "W".repeat(en));
        format!(
            "[[organization]]\nid = \"tbu\"\nname_ja = \"{ja}\"\nname_en = \"{en}\"\nregistered_name = \"One\"\n\
             organization_identifier = \"NTRJP-9234567890123\"\nsignatory_ja = \"{ja}\"\nsignatory_en = \"{en}\"\n\
             seal = \"第一/之印\"\nnumber_prefix = \"ONE\"\n"
        )
    };
    read(&format!("version = 1\n{}", plan(60, 120)));
    let told = wrong(&plan(61, 121));
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].ends_with("name_ja: wanted at most 60 characters, for which every certificate has room; found 61"));
    assert!(told[3].contains("signatory_en: wanted at most 120 characters") && told[3].ends_with("found 121"));
}
