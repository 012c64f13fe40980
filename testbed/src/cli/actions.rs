//! What can be done with the clock, the audit chain, policies, stories and worlds: commands that have commands of their own.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use laboratory::worlds::world_name;

use super::arguments::{PreviewArgs, TemplateShowArgs};
use super::new_worlds::NewWorlds;
use super::overwrite::Overwrite;
use super::values::audit_head;

#[derive(Subcommand, Debug)]
pub(crate) enum ClockAction {
    /// Show the world's time, and what has ended or not begun.
    Get,
    /// Set it: RFC 3339, a date, `+400d`, `-3y`; from 1950 to the end of 9999. `now` is the time that it shows already;
    /// `eseal clock reset` brings back the system's.
    Set {
        /// The time.
        #[arg(allow_hyphen_values = true)]
        time: String,
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Move it by a duration: `90s`, `15m`, `400d`, `10y`; with a minus sign backwards.
    Advance {
        /// The duration.
        #[arg(allow_hyphen_values = true)]
        duration: world::time::Duration,
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Let it run on from its present time.
    Run {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Stop it at its present time.
    Freeze {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
    /// Let it run with the system's clock again, at no distance.
    Reset {
        #[command(flatten)]
        renewal: RenewalArgs,
    },
}

/// Whether credentials and time-stamping units whose time has ended are renewed. The world keeps it until it is changed.
#[derive(Args, Debug)]
pub(crate) struct RenewalArgs {
    /// Renew nothing from now on, so that clients meet the end of certificates.
    #[arg(long)]
    no_renew: bool,
    /// Renew what has ended, now and from now on.
    #[arg(long, conflicts_with = "no_renew")]
    renew: bool,
}

impl RenewalArgs {
    /// What is asked for, if anything is.
    pub(crate) fn renew(&self) -> Option<bool> {
        (self.renew || self.no_renew).then_some(self.renew)
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum AuditAction {
    /// Does the chain hold? Of the world, or of an exported file, with the public key alone.
    Verify {
        /// A file that `export` made; `-` is stdin. Without it the chain of the world.
        file: Option<PathBuf>,
        /// With a file: the audit key (`trust/audit.pem`); without it the key that stands in the file.
        #[arg(long, value_name = "PEM", requires = "file")]
        key: Option<PathBuf>,
        /// A head that was told earlier and kept elsewhere: the chain must still have it.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = audit_head)]
        since: Option<(i64, String)>,
    },
    /// Write the whole chain as JSON lines.
    Export {
        /// The file; without it, or with `-`, stdout.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        overwrite: Overwrite,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum PolicyAction {
    /// Names of the policies that come along.
    List,
    /// Print one as the TOML file that it is.
    Show {
        /// Its name.
        name: String,
    },
    /// Read a file, and say what is wrong with it, if something is.
    Check {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum TemplateAction {
    /// The templates of the world (`--world`): those that come along, and its own.
    List,
    /// Print one as the TOML file that it is; or write its folder, with its pictures.
    Show(TemplateShowArgs),
    /// Read a template of one's own and print a sample from it; say everything that is wrong with it, with line and column.
    Check {
        /// The file, or the folder with its template.toml.
        #[arg(value_name = "FILE|DIR")]
        file: PathBuf,
    },
    /// Make a sample: not sealed, 見本 / SAMPLE on each page.
    Preview(PreviewArgs),
    /// Print the JSON Schema of templates, by which editors complete and check them.
    Schema,
}

/// What to do with stories.
#[derive(Subcommand, Debug)]
pub(crate) enum ScenarioAction {
    /// Play stories and compare every verdict with what the story expects.
    #[command(
        after_help = "Examples:\n  eseal scenario run --all\n  eseal scenario run 7 sealed-after-revocation mine.toml\n  eseal scenario run --all --junit results.xml --keep stories/\n\nExit code: 0 all as expected, 1 an expectation was not met, 4 a story could not be played."
    )]
    Run(RunArgs),
    /// The stories that come with the program.
    List,
    /// Tell a story step by step, with the verdict and the clause that decides it; without --lang in both languages.
    #[command(after_help = "Example:\n  eseal scenario explain revoked-later-bt --lang en")]
    Explain {
        /// A number or id of `eseal scenario list`, or a file.
        story: String,
    },
    /// Write a story to begin with, with a comment for each line.
    #[command(after_help = "Example:\n  eseal scenario new my-story && eseal scenario run my-story.toml")]
    New {
        /// Its name: NAME.toml is written, unless it is there; - writes it to stdout.
        name: String,
        #[command(flatten)]
        overwrite: Overwrite,
    },
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Numbers or ids of `eseal scenario list`, or files.
    #[arg(value_name = "FILE|ID", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) stories: Vec<String>,
    /// All stories that come with the program.
    #[arg(long)]
    pub(crate) all: bool,
    /// Write the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Keep the files of each story in a folder of its name, with a manifest for other validators. With --force those of an
    /// earlier run go.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}

/// What is to be told of plans.
#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// Read a plan, and say everything that is wrong with it, with line and column; - is stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "schema")]
    pub(crate) check: Option<PathBuf>,
    /// Print the JSON Schema of plans, by which editors complete and check them.
    #[arg(long)]
    pub(crate) schema: bool,
}

/// What to do with worlds.
#[derive(Subcommand, Debug)]
pub(crate) enum WorldAction {
    /// The worlds that are there.
    List,
    /// Make worlds: authorities, keys and credentials of their own.
    #[command(
        after_help = "Examples:\n  eseal world new class\n  eseal world new monday tuesday\n  eseal world new --count 40 --prefix student-"
    )]
    New(NewWorlds),
    /// Print what the world (`--world`) was made from: a plan, as `world new --plan` takes it.
    #[command(
        after_help = "Examples:\n  eseal world plan > plan.toml\n  eseal world plan --check plan.toml && eseal world new mine --plan plan.toml"
    )]
    Plan(PlanArgs),
    /// Delete a world with all keys and records in it, for good. What was issued and sealed in it stays: its folder in
    /// `documents` gets another name.
    Delete {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = world_name)]
        name: String,
    },
    /// Make a world anew from its plan: other keys, no records, numbers from one. What was issued and sealed in it stays: its
    /// folder in `documents` gets another name.
    Reset {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = world_name)]
        name: String,
    },
    /// Make a world that is a copy of another (`--world`) as it is now: keys, numbers, records and clock. Inside it the
    /// addresses in what was certified before mean itself.
    Branch {
        /// The branch's name: a-z, 0-9 and -.
        #[arg(value_name = "NEW", value_parser = world_name)]
        name: String,
        /// Go on to certify under the parent's address, instead of one of its own.
        #[arg(long)]
        take_address: bool,
    },
    /// Show the code that lets a group into a world of an exposed server, and into nothing else; one is made if there is none.
    JoinCode {
        /// The world; without it that of `--world`.
        #[arg(value_name = "NAME", value_parser = world_name)]
        name: Option<String>,
        /// Another code in its place: the earlier one counts no more.
        #[arg(long)]
        new: bool,
        /// No code: only the token lets in.
        #[arg(long, conflicts_with = "new")]
        none: bool,
    },
    /// Save the world (`--world`) into one file, also while it is served. Whoever has the file has the world's keys.
    Save {
        /// The file; - is stdout.
        file: PathBuf,
        #[command(flatten)]
        overwrite: Overwrite,
    },
    /// Make a world (`--world`) from a saved file: the same keys, secrets, numbers and audit chain. A world that is there is
    /// not overwritten.
    Restore {
        /// The file.
        file: PathBuf,
        /// Restore it though its audit chain is broken.
        #[arg(long)]
        despite_broken_audit: bool,
    },
}
