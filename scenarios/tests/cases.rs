//! Every story that comes with the program, played: all must end as they say.

use scenarios::tell::{self, Colours};
use scenarios::{cases, run};

#[tokio::test(flavor = "multi_thread")]
async fn every_case_ends_as_it_says() {
    let stories = cases::all().unwrap_or_else(|wrong| panic!("{wrong}"));
    let outcomes = run::play_all(stories, |outcome| println!("{}", tell::for_people(outcome, Colours::No))).await;
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_passed()).map(|one| one.story.name()).collect();
    assert!(failed.is_empty(), "not as expected: {}", failed.join(", "));
}
