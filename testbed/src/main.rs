//! `eseal`: the one binary of the e-seal testbed. Command line, wiring of all services into one server, pages.
//!
//! Exit codes: 0 done; 1 the answer is no; 2 undecided; 3 nothing to judge; 4 could not be asked.

mod cli;
mod command;
mod folder;
mod host;
mod http;
mod output;
mod pages;
mod registry;
mod worlds;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use world::text::VisibleLog;

use crate::cli::Cli;
use crate::output::{complain, told};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|wrong| {
        if wrong.use_stderr() {
            complain(wrong.render().to_string().trim_end()); // it repeats the arguments, such as a file's name
            std::process::exit(4);
        }
        let _ = wrong.print(); // help; nothing can be done about a closed terminal
        std::process::exit(0)
    });
    start_log(&cli);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("error: the system gave no threads: {error}"));
            return ExitCode::from(4);
        }
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("error: {}", told(&error)));
            ExitCode::from(4)
        }
    }
}

/// The log goes to stderr: warnings, or what `ESEAL_LOG` asks for (`debug`, `signer=trace`). Without colours: an escape
/// sequence in it comes from a stranger, and is made visible.
fn start_log(cli: &Cli) {
    let wanted = cli.common.log.as_deref().unwrap_or("warn");
    let filter = wanted.parse::<Targets>().unwrap_or_else(|error| {
        complain(&format!("warning: ESEAL_LOG is not a log filter ({error}); warnings are shown"));
        Targets::new().with_default(LevelFilter::WARN)
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(|| VisibleLog(std::io::stderr())).with_ansi(false);
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}
