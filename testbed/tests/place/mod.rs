//! The program as a test starts it: in a folder, with nothing of the environment, and with its worlds in files or, where tests are told
//! a database (`ESEAL_TEST_POSTGRES`), in one of the folder's own beside it.

#![allow(dead_code, reason = "each test program that has this module uses a part of it")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use world::store::postgres::{Database, own_for_a_test};

/// The program in that folder.
pub(crate) fn eseal(folder: &Path) -> Command {
    at(Command::new(env!("CARGO_BIN_EXE_eseal")), folder)
}

/// A shell in that folder, for which the program is `$0`.
pub(crate) fn shell(folder: &Path, script: &str) -> Command {
    let mut shell = at(Command::new("bash"), folder);
    shell.args(["-c", script, env!("CARGO_BIN_EXE_eseal")]);
    shell
}

/// Whether the test is left out because it is about worlds in files.
pub(crate) fn left_out_over_postgres() -> bool {
    let left_out = std::env::var_os("ESEAL_TEST_POSTGRES").is_some_and(|address| !address.is_empty());
    if left_out {
        println!("skipped: this is about worlds in files");
    }
    left_out
}

fn at(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).env("LC_ALL", "C.UTF-8");
    for name in ["ESEAL_LOG", "ESEAL_DATA", "ESEAL_TOKEN", "ESEAL_KEY_PASSPHRASE", "DATABASE_URL"] {
        command.env_remove(name);
    }
    if let Some(address) = database(folder) {
        command.env("DATABASE_URL", address);
    }
    command
}

/// The address of the database for what is in that folder, made when it is first asked for.
fn database(folder: &Path) -> Option<String> {
    static MADE: LazyLock<Mutex<HashMap<PathBuf, Option<String>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("a test that failed here has failed");
    let found = made.entry(folder.to_owned()).or_insert_with(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let own = std::thread::spawn(|| runtime.expect("it can be made").block_on(own_for_a_test()));
        let own = own.join().expect("it says what is wrong").expect("a database can be made");
        own.as_ref().map(Database::address)
    });
    found.clone()
}
