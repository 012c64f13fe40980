//! `eseal up`: makes the default world if there is none, issues and checks a first certificate, serves everything.

mod addresses;
mod first;
mod listening;
mod secure;
mod token;
mod warnings;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use laboratory::Opening;
use laboratory::plan::WorldPlan;
use signer::BrokenAudit;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use world::guard::{Guard, Token};
use world::server::{self, Listeners};

use crate::cli::{Common, UpArgs};
use crate::folder::{self, Hold, Running, Taken, Work};
use crate::host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::log;
use crate::output::Output;
use addresses::Addresses;
use laboratory::http::MARK;
use laboratory::registry;
use laboratory::worlds::{self, Idle, Surroundings, Worlds};
use listening::{bound, local_base};

pub(super) async fn run(common: &Common, args: &UpArgs, output: Output) -> Result<u8> {
    refuse_url(common)?;
    if let Some(requested) = args.listen {
        listening::check(requested, true, args.expose)?; // before there is a folder
    }
    let hold = match folder::take(&common.data, if args.once { Work::Command } else { Work::Serve }).await? {
        Taken::Held(hold) => hold,
        Taken::Serving(running) => bail!(
            "a testbed already runs over {} at {} (process {}); use that one, or give another --data",
            common.data.display(),
            running.base,
            running.pid
        ),
    };
    registry::tidy(&common.data);
    let home = common.home();
    registry::learn(&home).await?;
    let made = !worlds::exists(&common.data, &common.world);
    let recorded = host::own_base(&home).await;
    let listener = match (args.once, args.listen) {
        (true, None) => None,
        (_, requested) => Some(bound(requested, recorded.as_deref(), args.expose).await?),
    };
    let listening = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let local = match listening {
        Some(address) => local_base(address),
        None => recorded.unwrap_or_else(|| format!("http://{}", host::DEFAULT_ADDRESS)),
    };
    let base = args.public_url.clone().unwrap_or_else(|| local.clone());
    let opening = Opening {
        plan: args.authority_keys.map(|keys| Arc::new(WorldPlan::default().with_authority_keys(keys))),
        broken_audit: if args.despite_broken_audit { BrokenAudit::Accept } else { BrokenAudit::Refuse },
    };
    let token = if args.expose { Some(token::of(&common.data, common.token())?) } else { None };
    let surroundings = surroundings(args, listening.map_or(0, |address| address.port()), token.as_ref());
    let secure = match (&listener, args.tls) {
        (Some(plain), Some(requested)) => {
            let any_port = args.listen.is_some_and(|listen| listen.port() == 0);
            Some(secure::bound(requested, (plain, any_port), args.expose).await?)
        }
        _ => None,
    };
    let (worlds, lab) = Worlds::open(&home, &base, &common.world, opening, surroundings).await?;
    let secure = match secure {
        Some(listener) => Some(secure::secured(listener, &worlds, &base, args).await?),
        None => None,
    };
    let https = secure.as_ref().map(|secure| secure.base.clone());
    let ignored = warnings::of(&lab, &base, common, args, made);
    ignored.iter().for_each(|warning| output.say(warning.line()));
    let ignored = ignored.into_iter().map(|warning| warning.english).collect();
    let ended: Vec<String> = lab.out_of_time().await?.iter().map(ToString::to_string).collect(); // the log has them
    let first = match ended.is_empty() {
        true => first::certificate(common, &lab, output).await?,
        false => {
            output.say(super::clock::remedy()); // no certificate would come of it now
            None
        }
    };
    let (first, undecided) = first.unzip();
    let warnings = [ended, ignored, undecided.flatten().into_iter().collect()].concat();
    let addresses = Addresses::of(&lab, &base, common, first, (https.as_deref(), token.as_ref()), warnings);
    output.screen(&addresses, || addresses.screen());
    match listener {
        Some(plain) if !args.once => {
            let listeners = Listeners { plain, secure: secure.map(|secure| (secure.listener, secure.sessions)) };
            let (pid, folder) = (std::process::id(), hold.identity());
            let running = Running { base: local, pid, mark: MARK.clone(), folder, https, token };
            serve(&hold, listeners, &running, worlds, args.idle(), output).await?;
        }
        _ => worlds.close().await?,
    }
    Ok(0)
}

fn refuse_url(common: &Common) -> Result<()> {
    let Some(url) = &common.url else { return Ok(()) };
    let problem = format!(
        "--url {url} names a testbed that runs already, and `eseal up` starts one: give --listen, or --public-url"
    );
    bail!(Invalid::new(url, problem).in_japanese(format!(
        "--url {url} は稼働中のテストベッドを指しますが、`eseal up` は新しく起動します。--listen か --public-url を指定してください"
    )))
}

/// What the worlds of this server share.
fn surroundings(args: &UpArgs, port: u16, token: Option<&Token>) -> Surroundings {
    let guard = Guard::new(port);
    token.iter().for_each(|token| guard.expose((*token).clone()));
    args.allow_host.iter().for_each(|host| guard.allow_host(host));
    args.public_url.iter().for_each(|address| guard.allow_address(address));
    Surroundings {
        guard,
        fetch_from: args.fetch.fetch_from.clone(),
        pages: Arc::new(console::pages()),
        works_on_batches: true,
        ..Surroundings::default()
    }
}

async fn serve(
    hold: &Hold,
    listeners: Listeners,
    running: &Running,
    worlds: Worlds,
    idle: Idle,
    output: Output,
) -> Result<()> {
    if let Err(error) = log::keep_in(worlds.data()) {
        output.say(in_words!(
            "warning: no log is kept in the folder: {error}",
            "警告: フォルダーにログを残せません: {error}"
        ));
    }
    tracing::info!(target: "eseal", version = env!("CARGO_PKG_VERSION"), pid = running.pid, "serving {}", running.base);
    if let Err(error) = hold.announce(running) {
        output.say(in_words!(
            "warning: {error:#}: no command finds this testbed by its folder yet",
            "警告: {error:#}。フォルダーからこのテストベッドを見つけることはまだできません"
        ));
    }
    output.say(in_words!("serving; stop with Ctrl-C", "稼働中です。Ctrl-C で停止します"));
    tokio::select! {
        () = server::serve(listeners, console::front(&worlds), stop_signal()?) => {}
        () = hold.keep(running) => {}
        () = worlds.close_idle(idle) => {}
        () = worlds.follow() => {}
        () = worlds.go_on_with_batches() => {}
    }
    hold.withdraw(running);
    end(&worlds).await?;
    output.say(in_words!("stopped", "停止しました"));
    Ok(())
}

/// How long what is written behind the answers may take in the end: with the requests under way no more than five seconds.
const FLUSHING: Duration = Duration::from_millis(700);

/// Writes the worlds to their end.
pub(super) async fn end(worlds: &Worlds) -> Result<()> {
    Ok(timeout(FLUSHING, worlds.close()).await.context("the worlds could not be written to their end")??)
}

/// Resolves at the first Ctrl-C or SIGTERM. A second one ends the process there and then.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()> + use<>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!(target: "eseal", "told to stop");
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            std::process::exit(130) // 128 and SIGINT, as shells tell it
        });
    })
}
