//! Outside programs in the crates' tests: found, or the test is skipped; run at the time of the test's world.
//!
//! Most programs that judge certificates ask the system's clock, and so does `openssl ocsp` for the age of an answer even where it
//! is given `-attime`. A test whose world has a fixed time would then fail from the day on when its artefacts are old. So every
//! such program is started by `faketime`. Tests take this file in by `#[path]`.

use std::process::Command;
use std::sync::OnceLock;

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
    let mut command = Command::new(program);
    command.env_remove("FAKETIME_SHARED").env("LD_PRELOAD", library()).env("TZ", "UTC");
    command.env("FAKETIME", at.strftime("@%Y-%m-%d %H:%M:%S").to_string());
    command
}

/// The library that `faketime` puts before a program. The program `faketime` itself is asked for it once and not started for every
/// question: it makes a semaphore named by its process number, and refuses to work where one that was killed left that name.
fn library() -> &'static str {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut said = String::new();
        for _ in 0..20 {
            let mut command = Command::new("faketime");
            for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED"] {
                command.env_remove(name);
            }
            let told = command.args(["-m", "-f", "+0", "env"]).output().expect("faketime starts");
            said = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
            if let Some(library) = said.lines().find_map(|line| line.strip_prefix("LD_PRELOAD=")) {
                return library.to_owned();
            }
        }
        panic!("faketime does not say which library it uses: {said}")
    })
}
