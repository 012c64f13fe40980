//! `eseal world join-code`: what lets a group into a world of an exposed server.

use ::world::guard::JoinCode;
use anyhow::Result;
use bytes::Bytes;
use laboratory::api::JoinCodeAnswer;
use laboratory::registry::{join_codes, set_join_code};
use laboratory::worlds;

use super::{Place, WORLDS, place};
use crate::cli::Common;
use crate::host;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::Output;

pub(super) async fn run(common: &Common, name: Option<&str>, (new, none): (bool, bool), output: Output) -> Result<u8> {
    let name = name.unwrap_or(&common.world);
    let answer = match place(common).await? {
        Place::Running(host) => {
            let path = format!("{WORLDS}/{name}/join-code");
            let ask = async |method| host.json::<JoinCodeAnswer>(method, &path, "", Bytes::new()).await;
            match (new, none) {
                (true, _) => ask("POST").await?,
                (_, true) => ask("DELETE").await?,
                _ => match ask("GET").await? {
                    JoinCodeAnswer { code: None, .. } => ask("POST").await?,
                    there => there,
                },
            }
        }
        Place::Held(_hold) => {
            if !worlds::exists(&common.data, name) {
                return Err(NoWorld::in_folder(name, &common.data).into());
            }
            let kept = if new { None } else { join_codes(&common.data)?.remove(name) };
            let code = if none { None } else { Some(kept.unwrap_or_else(JoinCode::random)) };
            set_join_code(&common.data, name, code.as_ref())?;
            let base = worlds::world_base(&host::default_base(&common.home()).await, name);
            let (code, page) = (code.map(|code| code.to_string()), format!("{base}/join"));
            JoinCodeAnswer { code, exposed: false, page, world: name.into() }
        }
    };
    output.result(&answer, || match &answer.code {
        Some(code) => format!("{name}  {code}"),
        None => in_words!("{name}  no join code", "{name}  参加コードなし"),
    });
    if answer.code.is_some() {
        let when = match answer.exposed {
            true => String::new(),
            false => in_words!(
                ", once the server is exposed (eseal up --expose)",
                "（サーバーを公開したとき: eseal up --expose）"
            ),
        };
        output.say(in_words!(
            "people give it at {}, programs as ESEAL_TOKEN or a bearer token{when}",
            "ブラウザーでは {} で入力し、プログラムは ESEAL_TOKEN または Bearer トークンとして渡します{when}",
            answer.page
        ));
    }
    Ok(0)
}
