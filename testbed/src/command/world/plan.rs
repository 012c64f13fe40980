//! `eseal world plan`, and `world new --plan FILE`: what a world is made from.

use std::path::Path;

use anyhow::Result;
use laboratory::api::PlanOfWorld;
use laboratory::plan::WorldPlan;
use serde::Serialize;

use crate::cli::{Common, PlanArgs};
use crate::files;
use crate::host::Host;
use crate::invalid::Invalid;
use crate::output::Output;

/// What was found out about a plan's file.
#[derive(Serialize)]
struct CheckedPlan<'a> {
    authorities: usize,
    credentials: usize,
    file: &'a str,
    organizations: usize,
    time_stamping_units: usize,
    version: u32,
}

pub(super) async fn run(common: &Common, args: &PlanArgs, output: Output) -> Result<u8> {
    if args.schema {
        let schema = WorldPlan::schema();
        output.screen(&schema, || serde_json::to_string_pretty(&schema).expect("a schema is JSON"));
    } else if let Some(file) = &args.check {
        check(file, output)?;
    } else {
        let host = Host::find(common).await?;
        let plan: PlanOfWorld = host.get("/testbed/api/plan").await?;
        output.screen(&plan, || plan.plan.trim_end().to_owned());
        host.close().await?;
    }
    Ok(0)
}

fn check(file: &Path, output: Output) -> Result<()> {
    let (plan, _) = read(file)?;
    let checked = CheckedPlan {
        authorities: plan.authorities.len(),
        credentials: plan.credentials.len(),
        file: &file.display().to_string(),
        organizations: plan.organizations.len(),
        time_stamping_units: plan.units.len(),
        version: plan.version,
    };
    output.result(&checked, || {
        let CheckedPlan { authorities, credentials, file, organizations, time_stamping_units, .. } = &checked;
        format!(
            "{file}: a plan with {authorities} authorities, {credentials} credentials, {time_stamping_units} time-stamping units, \
             {organizations} organizations"
        )
    });
    Ok(())
}

/// A plan that somebody wrote, and its text; with its pictures, if it names some.
pub(super) fn read(file: &Path) -> Result<(WorldPlan, String)> {
    let name = file.display().to_string();
    let text = String::from_utf8(files::read(file)?.to_vec());
    let text = text.map_err(|_| Invalid::new(&name, format!("{name} is no text in UTF-8")))?;
    let folder = file.parent().filter(|_| !files::is_stdin(file));
    let plan = WorldPlan::from_toml_beside(&text, world::clock::system_time(), folder).map_err(|error| {
        let lines: Vec<String> = error.problems.iter().map(|problem| format!("{name}, {problem}")).collect();
        Invalid::new(&name, lines.join("\n"))
    })?;
    let names_pictures = plan.organizations.iter().any(|one| one.seal_picture.is_some() || one.logo.is_some());
    let text = if names_pictures { plan.to_toml() } else { text };
    Ok((plan, text))
}
