//! `eseal clock`: the world's time.

use anyhow::Result;
use laboratory::api::{ClockAction as Action, ClockAnswer, ClockChange};
use world::clock::Mode;

use crate::cli::{ClockAction, RenewalArgs};
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::Output;

/// Where it is read and moved.
const PATH: &str = "/testbed/api/clock";

pub(super) async fn run(host: &Host, action: &ClockAction, output: Output) -> Result<u8> {
    if let ClockAction::Set { time, .. } = action {
        world::time::parse(time, host.time().await?)
            .map_err(|error| Invalid::new(time, &error).in_japanese(error.in_japanese()))?;
    }
    let change = |action, renewal: &RenewalArgs| ClockChange { action, time: None, by: None, renew: renewal.renew() };
    let change = match action {
        ClockAction::Get => None,
        ClockAction::Set { time, renewal } => {
            Some(ClockChange { time: Some(time.clone()), ..change(Action::Set, renewal) })
        }
        ClockAction::Advance { duration, renewal } => {
            Some(ClockChange { by: Some(duration.to_string()), ..change(Action::Advance, renewal) })
        }
        ClockAction::Run { renewal } => Some(change(Action::Run, renewal)),
        ClockAction::Freeze { renewal } => Some(change(Action::Freeze, renewal)),
        ClockAction::Reset { renewal } => Some(change(Action::Reset, renewal)),
    };
    let clock: ClockAnswer = match change {
        None => host.get(PATH).await?,
        Some(change) => host.post(PATH, &change).await?,
    };
    output.result(&clock, || line(&clock));
    say_besides(&clock, output);
    Ok(0)
}

fn line(clock: &ClockAnswer) -> String {
    let time = world::time::whole_seconds(clock.time);
    let mode = match clock.mode {
        Mode::Running => in_words!("running", "進行中"),
        Mode::Fixed => in_words!("fixed", "固定"),
    };
    let offset = clock.offset_seconds;
    let renewal = if clock.renew {
        String::new()
    } else {
        in_words!("; what ends is not renewed", "、期限切れのものは更新しない")
    };
    in_words!(
        "{time}  ({mode}, {offset:+} s from the system's clock{renewal})",
        "{time}  （{mode}、システム時刻との差 {offset:+} 秒{renewal}）"
    )
}

/// What a person should know besides: what was renewed, and what has ended or not begun.
fn say_besides(clock: &ClockAnswer, output: Output) {
    let renewed = clock.renewed.as_deref().unwrap_or_default();
    if !renewed.is_empty() {
        output.say(in_words!(
            "renewed, since their time has ended: {}",
            "期限が切れたため更新しました: {}",
            renewed.join(", ")
        ));
    }
    let warnings = clock.warning.iter().chain(&clock.warnings);
    warnings.for_each(|warning| output.say(in_words!("warning: {warning}", "警告: {warning}")));
    if let Some(problem) = &clock.not_renewed {
        output.say(in_words!("warning: nothing is renewed: {problem}", "警告: 何も更新されません: {problem}"));
    } else if !clock.warnings.is_empty() {
        output.say(remedy());
    }
}

/// How a world whose clock shows a time without valid certificates comes back.
pub(super) fn remedy() -> String {
    in_words!(
        "set the clock to a time of theirs (`eseal clock reset`, `eseal clock set TIME`), or, while the CAs are valid, renew them \
         (`eseal renew NAME`)",
        "有効期間内の時刻に戻すか（`eseal clock reset`、`eseal clock set 時刻`）、認証局が有効なうちに更新してください\
         （`eseal renew 名前`）"
    )
}
