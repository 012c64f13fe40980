//! `eseal issue --batch`: a file becomes a batch, which is waited for, and what came of it is saved.

use std::path::Path;

use anyhow::Result;
use issuer::api::{Batch, BatchRow, RowState, StandingState};
use validation::Language;

use super::follow::follow;
use super::{code, line, save_result};
use crate::cli::IssueArgs;
use crate::command::{credential, register, template};
use crate::files;
use crate::host::{Host, query_member};
use crate::invalid::Invalid;
use crate::language::{in_words, language};
use crate::output::Output;

pub(in crate::command) async fn issue(host: &Host, args: &IssueArgs, output: Output) -> Result<u8> {
    let result = args.register.result.as_deref();
    let [file] = args.files.as_slice() else {
        if args.out.is_some() || result.is_some() {
            let problem = "--batch: with --out or --result wanted one file, found several; each has results of its own";
            return Err(Invalid::new("--batch", problem).into());
        }
        let mut code = 0;
        for file in &args.files {
            code = code.max(one(host, file, args, output).await?);
        }
        return Ok(code);
    };
    let output = output.beside(result)?;
    files::check_inputs_stay([file.as_path()], args.out.as_deref().into_iter().chain(result))?;
    if let Some(result) = result {
        files::check_result_name(result)?;
        files::check_free(result, args.overwrite.existing())?;
    }
    one(host, file, args, output).await
}

/// One file, to its end.
async fn one(host: &Host, file: &Path, args: &IssueArgs, output: Output) -> Result<u8> {
    let existing = args.overwrite.existing();
    let target = args.out.as_deref().map(|out| super::files::Target::at(out, existing)).transpose()?;
    let credential = match args.algorithm {
        Some(kind) => Some(credential::that_seals_with(host, kind, args.organization.as_deref()).await?),
        None => None,
    };
    let template = template::asked_for(host, args).await?;
    let path = format!("/issuer/api/batches?{}", query(file, args, template.as_deref(), credential));
    let mapping = register::mapping(args)?;
    let (media_type, body) = register::form(files::read(file)?, mapping.as_ref(), None);
    let taken: Batch = match host.json("POST", &path, &media_type, body).await {
        Ok(taken) => taken,
        Err(refused) => {
            output.error(Some(&register::about(file, args, &refused)), &refused);
            return Ok(4); // nothing was asked for: 1 is for rows without a certificate
        }
    };
    let japanese = language() == Language::Japanese;
    let notes = if japanese { &taken.notes_ja } else { &taken.notes };
    notes.iter().for_each(|note| output.say(format!("  {}", world::text::visible(note))));
    let batch = match host.laboratory() {
        None if args.many.no_wait => taken,
        laboratory => {
            if let Some(laboratory) = laboratory {
                laboratory.issuer.begin_work();
            }
            let id = taken.id;
            match host.laboratory() {
                _ if taken.rows.left() == 0 => {}
                Some(_) => output.say(in_words!(
                    "batch {id}; if this is interrupted: `eseal batch resume {id}`, and `eseal batch show {id}`",
                    "一括発行 {id}。中断した場合: `eseal batch resume {id}`、`eseal batch show {id}`"
                )),
                None => output.say(in_words!(
                    "batch {id}; the server works on it, also if this is interrupted: `eseal batch show {id} --wait`",
                    "一括発行 {id}。中断してもサーバーが処理を続けます: `eseal batch show {id} --wait`"
                )),
            }
            follow(host, id, output).await?
        }
    };
    if let Some(result) = &args.register.result {
        save_result(host, batch.id, result, existing).await?;
    }
    if let Some(target) = target {
        super::files::save_into(host, batch.id, target, output).await?;
    }
    output.result(&batch, || line(&batch));
    tell_failures(host, &batch, output).await?;
    Ok(code(&batch, output))
}

/// How many rows without a certificate are told to people; the result file has all.
const TOLD: usize = 20;

async fn tell_failures(host: &Host, batch: &Batch, output: Output) -> Result<()> {
    use RowState::{Changed, Failed};
    if !output.for_people() {
        return Ok(());
    }
    if batch.rows.unchanged > 0 {
        tell_standings(host, batch, output).await?;
    }
    if batch.rows.failed + batch.rows.changed + batch.noted == 0 {
        return Ok(());
    }
    for state in [Some(Failed), Some(Changed), None] {
        let rows = super::rows(host, batch.id, (state, state.is_none()), 0, TOLD).await?;
        // What failed or changed was told before, with its note.
        let is_new = |row: &&BatchRow| state.is_some() || !matches!(row.state, Failed | Changed);
        rows.rows.iter().filter(is_new).for_each(|row| output.say(super::row_line(row)));
        let Some(_) = rows.next else { continue };
        let (id, rest) = (batch.id, state.map(|state| format!(" --state {}", super::word(&state))).unwrap_or_default());
        output.say(in_words!(
            "… `eseal batch rows {id}{rest}` has the others",
            "… 残りは `eseal batch rows {id}{rest}` で表示します"
        ));
    }
    Ok(())
}

/// Of rows whose certificates had been issued before, those that do not count any more.
async fn tell_standings(host: &Host, batch: &Batch, output: Output) -> Result<()> {
    let (mut after, mut told) = (0, 0);
    while told < TOLD {
        let rows = super::rows(host, batch.id, (Some(RowState::Unchanged), false), after, super::PAGE).await?;
        let gone = rows.rows.iter().filter(|row| row.standing.is_some_and(|one| one != StandingState::Valid));
        for row in gone.take(TOLD - told) {
            output.say(super::row_line(row));
            told += 1;
        }
        let Some(next) = rows.next else { break };
        after = next;
    }
    Ok(())
}

fn query(file: &Path, args: &IssueArgs, template: Option<&str>, credential: Option<String>) -> String {
    let least = args.many.level_at_least.map(|level| level.to_string());
    let more = [("level_at_least", least), ("credential", credential)];
    let more = more.into_iter().filter_map(|(name, value)| Some(query_member(name, &value?)));
    let all: Vec<String> =
        [register::query(file, args, template)].into_iter().chain(more).chain(register::anew(args)).collect();
    all.join("&").trim_start_matches('&').to_owned()
}
