//! Benchmarks against the physical limit and against peers: `cargo run --release -p bench [-- NAME… --seconds N --json --peers]`.
//!
//! The limit of everything here that signs is one signature. So each figure is told as a ratio to what `openssl speed` makes
//! on one processor, taken right before and after it in the same run: a machine that drifts changes both.

mod bed;
mod case;
mod client;
mod key_server;
mod limit;
mod measure;
mod output;
mod peers;
mod sealing;
mod server;
mod status;
mod time_stamping;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Error, Result, bail};
use clap::Parser;
use world::store::postgres::Database;

use crate::bed::Bed;
use crate::case::{CASES, Case, Work};
use crate::limit::Limit;
use crate::measure::Measured;
use crate::output::{Line, Output};

/// Measures the hot paths, each beside `openssl speed` in the same run.
#[derive(Parser)]
#[command(after_help = "Example: cargo run --release -p bench -- token --seconds 5")]
struct Arguments {
    /// Cases whose names contain one of these; all cases if none is given.
    names: Vec<String>,
    /// How long each case is measured.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Measures other programs on the same file too, and how many times as fast we are, as far as `witnesses/install pyhanko dss` has installed them.
    #[arg(long)]
    peers: bool,
    /// Keeps the worlds in this PostgreSQL database, which should be one for this alone: their schemas stay.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "postgres://…")]
    database: Option<String>,
    /// Names the cases and ends.
    #[arg(long)]
    list: bool,
    /// Serves a world in that folder: what the benchmark starts as its own server.
    #[arg(long, hide = true, value_name = "FOLDER")]
    serve: Option<PathBuf>,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let database = arguments.database.as_deref().map(Database::at).transpose().map_err(Error::msg)?;
    if let Some(folder) = &arguments.serve {
        return server::serve(folder, database.as_ref());
    }
    if arguments.list {
        CASES.iter().for_each(|case| println!("{:<22} {}", case.name, case.what));
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments, database))
}

async fn run(arguments: &Arguments, database: Option<Database>) -> Result<()> {
    let is_chosen = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|part| name.contains(part));
    let cases: Vec<&Case> = CASES.iter().filter(|case| is_chosen(case.name)).collect();
    if cases.is_empty() && !arguments.peers {
        bail!("no case is named {:?}; --list shows them", arguments.names);
    }
    let mut bed = Bed::new(arguments.seconds, database);
    let output = Output { json: arguments.json };
    let mut ours = BTreeMap::new();
    output.begin();
    for case in cases {
        let before = Limit::measure()?;
        let measured = measure(case, &mut bed).await?;
        let limit = before.and(&Limit::measure()?);
        ours.insert(case.name, measured.per_second());
        output.line(&Line::of(case, measured, limit));
    }
    if arguments.peers {
        peers::measure(&mut bed, &output, &ours).await?;
    }
    bed.close().await;
    Ok(())
}

async fn measure(case: &Case, bed: &mut Bed) -> Result<Measured> {
    match case.work {
        Work::RawSign(kind) => time_stamping::raw_sign(bed, kind),
        Work::TokenAssembled => time_stamping::assembled(bed).await,
        Work::TokenAnswered => time_stamping::answered(bed).await,
        Work::TokenOverHttp => time_stamping::over_http(bed).await,
        Work::SignHash(call, key) => key_server::sign_hash(bed, call, key).await,
        Work::OcspAnswered => status::ocsp_answered(bed).await,
        Work::OcspOverHttp => status::ocsp_over_http(bed).await,
        Work::RevocationList => status::revocation_list(bed),
        Work::Seal(file, level) => sealing::seal(bed, file, level).await,
        Work::SealAlone(file, level) => sealing::seal_alone(bed, file, level).await,
        Work::IssueBatch => sealing::issue_batch(bed).await,
        Work::Render => sealing::render(bed).await,
        Work::Verify(file) => sealing::verify(bed, file).await,
    }
}
