//! A story from Rust: one of those that come with the program is played, and told.

use std::error::Error;

use scenarios::cases;
use scenarios::run::{self, Ending};
use scenarios::tell::{Colours, for_people};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let story = cases::find("revoked-later-bt")?;
    let outcome = run::play(story).await;
    println!("{}", for_people(&outcome, Colours::No));
    assert!(matches!(outcome.ending, Ending::Passed));
    Ok(())
}

#[test]
fn it_runs() {
    main().unwrap();
}
