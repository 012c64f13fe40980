//! `eseal`: the one binary of the e-seal testbed. Command line, wiring of all services into one server, pages.
//!
//! Exit codes: 0 done; 1 the answer is no; 2 undecided; 3 nothing to judge; 4 could not be asked.

mod cli;
mod command;
mod files;
mod folder;
mod host;
mod interruption;
mod invalid;
mod language;
mod log;
mod no_world;
mod output;
mod refused;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Cli;
use crate::output::{Failure, Output, code_after_losses, complain, note_loss};
use validation::Language;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    language::choose(language::asked_for(std::env::args_os()));
    let cli = parsed().unwrap_or_else(|wrong| {
        if wrong.use_stderr() {
            refuse(wrong);
            std::process::exit(4);
        }
        note_loss(wrong.print()); // help
        std::process::exit(code_after_losses(0).into())
    });
    log::start(cli.common.log.as_deref());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("error: the system gave no threads: {error}"));
            return ExitCode::from(4);
        }
    };
    keep_to_ourselves();
    let code = runtime.block_on(async {
        // A limit on the size of files is a full disk, and no end: with a handler the writing fails (setrlimit(2), RLIMIT_FSIZE).
        let _too_large = signal(SignalKind::from_raw(SIGXFSZ));
        command::run(cli).await
    });
    runtime.shutdown_background(); // what is still worked on, such as a verdict that nobody waits for, keeps nobody here
    ExitCode::from(code_after_losses(code))
}

/// The command line, with help in the language of the terminal.
fn parsed() -> Result<Cli, clap::Error> {
    let command = match language::language() {
        Language::English => Cli::command(),
        Language::Japanese => cli::in_japanese(Cli::command()),
    };
    Cli::from_arg_matches(&command.try_get_matches()?)
}

/// The signal of a process that writes beyond its limit on the size of files; on Linux and macOS, x86 and ARM.
const SIGXFSZ: i32 = 25;

/// A umask that takes rights away from the owner would make files that this program itself could not open again; the rest of it
/// counts for the results that the user names. What belongs to the testbed is the owner's anyway.
fn keep_to_ourselves() {
    use rustix::fs::Mode;
    let mask = rustix::process::umask(Mode::RWXG | Mode::RWXO); // it is told only by setting another
    rustix::process::umask(mask - Mode::RWXU);
}

/// Says what is wrong with the arguments; whether an object is wanted is not known from clap, which could not read them.
fn refuse(mut wrong: clap::Error) {
    name_the_command(&mut wrong);
    let text = wrong.render().to_string(); // it repeats the arguments, such as a file's name
    let text = text.trim_end();
    let before_files = std::env::args_os().skip(1).take_while(|argument| argument != "--");
    let is_json = |argument: std::ffi::OsString| argument.to_string_lossy().split('=').next() == Some("--json");
    if !before_files.into_iter().any(is_json) {
        return complain(&framed(text, &wrong));
    }
    let (sentence, _) = text.split_once("\n\n").unwrap_or((text, ""));
    let sentence: Vec<&str> = sentence.trim_start_matches("error: ").split_whitespace().collect();
    let about = [ContextKind::InvalidValue, ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let about = about.into_iter().find_map(|kind| wrong.get(kind)).map(ToString::to_string);
    let sentence = sentence.join(" ");
    let failure = Failure { error: "invalid_arguments", error_description: &sentence, input: about.as_deref() };
    Output::of(true).result(&failure, String::new);
}

/// What stands around what clap says, which knows English only.
const FRAME: [(&str, &str); 6] = [
    ("error: ", "エラー: 引数を確認してください: "),
    ("\n  tip: ", "\n  ヒント: "),
    ("\nUsage: ", "\n使い方: "),
    ("[possible values: ", "[選択肢: "),
    ("For more information, try '--help'.", "くわしくは --help で表示します。"),
    ("Options:", "オプション:"),
];

/// The same, framed in the language of the terminal.
fn framed(text: &str, wrong: &clap::Error) -> String {
    match language::language() {
        Language::English => text.to_owned(),
        Language::Japanese => {
            let text = sentences(wrong)
                .into_iter()
                .fold(text.to_owned(), |text, (english, japanese)| text.replacen(&english, &japanese, 1));
            FRAME.iter().fold(text, |text, (english, japanese)| text.replacen(english, japanese, 1))
        }
    }
}

/// What clap says of an argument or of its value, and the same in Japanese.
fn sentences(wrong: &clap::Error) -> Vec<(String, String)> {
    let of = |kind| wrong.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let command = of(ContextKind::InvalidSubcommand);
    let why = std::error::Error::source(wrong);
    let why = why.and_then(|why| Some((why.to_string(), cli::value_in_japanese(why)?)));
    let known = [
        (format!("invalid value '{value}' for '{argument}'"), format!("'{argument}' の値 '{value}' は使えません")),
        (format!("unexpected argument '{argument}' found"), format!("'{argument}' という引数はありません")),
        (format!("unrecognized subcommand '{command}'"), format!("'{command}' というコマンドはありません")),
        ("the following required arguments were not provided:".to_owned(), "次の引数が必要です:".to_owned()),
        (
            format!("a value is required for '{argument}' but none was supplied"),
            format!("'{argument}' には値が必要です"),
        ),
    ];
    known.into_iter().chain(why).collect()
}

/// An option that belongs to another command is no misspelt one: whose it is is told in the place of what is similar.
fn name_the_command(wrong: &mut clap::Error) {
    let Some(ContextValue::String(argument)) = wrong.get(ContextKind::InvalidArg) else { return };
    let Some(name) = argument.strip_prefix("--").filter(|_| wrong.kind() == ErrorKind::UnknownArgument) else { return };
    let cli = Cli::command();
    let has = |command: &&clap::Command| command.get_arguments().any(|one| one.get_long() == Some(name));
    let owners: Vec<String> =
        cli.get_subcommands().filter(has).map(|one| format!("`eseal {}`", one.get_name())).collect();
    if !owners.is_empty() {
        let tip = format!("--{name} belongs to {}", owners.join(", "));
        wrong.remove(ContextKind::SuggestedArg);
        wrong.remove(ContextKind::Usage); // it shows what is similar
        wrong.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}
