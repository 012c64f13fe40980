//! Outside programs in the crates' tests: found, or the test is skipped; run at the time of the test's world.
//!
//! Most programs that judge certificates ask the system's clock, and so does `openssl ocsp` for the age of an answer even where it
//! is given `-attime`. A test whose world has a fixed time would then fail from the day on when its artefacts are old. So every
//! such program is started by `faketime`. Tests take this file in by `#[path]`.

use std::process::Command;

use jiff::Timestamp;

/// Whether this program can be asked, and at another time than now. If not, the test says `skipped: …` and returns, or fails
/// where witnesses are required.
pub(crate) fn can_be_asked(program: &str) -> bool {
    for name in [program, "faketime"] {
        if Command::new(name).arg("version").output().is_err() {
            assert!(std::env::var_os("REQUIRE_WITNESSES").is_none_or(|value| value != "1"), "{name} is not installed");
            println!("skipped: {name} is not installed");
            return false;
        }
    }
    true
}

/// A program that takes `at` for the present time, in whole seconds. What a test is itself told of the time is taken away first:
/// `./test days` runs all tests under another `faketime`.
pub(crate) fn at_world_time(program: &str, at: Timestamp) -> Command {
    let mut command = Command::new("faketime");
    for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED"] {
        command.env_remove(name);
    }
    command.env("TZ", "UTC").args(["-m", "-f", &at.strftime("@%Y-%m-%d %H:%M:%S").to_string(), program]);
    command
}
