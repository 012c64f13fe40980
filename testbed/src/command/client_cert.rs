//! `eseal client-cert`: a key and a certificate for a TLS client, made here, for a server with `--client-certs`. The key goes to
//! nobody.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use ca::api::{EnrolmentAnswer, EnrolmentRequest, SubjectRequest};
use pki::KeyKind;
use serde::Serialize;
use signer::TransportKey;

use crate::cli::ClientCertArgs;
use crate::files::{self, Draft, Error};
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::Output;

/// Whose employees, machines and programs clients are, as the testbed invents them.
const ORGANIZATION: (&str, &str) = ("TESTBED University", "NTRJP-9234567890123");

/// A certificate and where it is.
#[derive(Serialize)]
struct ClientCertificate<'a> {
    #[serde(flatten)]
    answer: &'a EnrolmentAnswer,
    file: String,
}

pub(super) async fn run(host: &Host, world: &str, args: &ClientCertArgs, output: Output) -> Result<u8> {
    if world != "default" {
        let problem = "a server takes clients' certificates of its default world's authority only: leave --world away";
        bail!(Invalid::new(world, problem));
    }
    check_name(&args.name)?;
    let file = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.pem", args.name)));
    let output = output.beside([file.as_path()])?;
    files::check_free(&file, args.overwrite.existing())?;
    let kind = args.algorithm.unwrap_or(KeyKind::P256);
    let key = tokio::task::spawn_blocking(move || TransportKey::generate(kind)).await??;
    let (organization, identifier) = ORGANIZATION;
    let request = EnrolmentRequest {
        profile: "tls-client".into(),
        issuer: None,
        csr: None,
        subject: Some(SubjectRequest {
            organization: organization.into(),
            organization_identifier: identifier.into(),
            common_name: args.name.clone(),
            country: None,
        }),
        public_key_pem: Some(key.public_key().to_pem()),
    };
    let answer: EnrolmentAnswer = host.post("/ca/api/certificates", &request).await?;
    let text = [&*key.to_pem(), &*answer.certificate_pem].concat(); // the server knows who stands above
    let cannot = |source| Error::Unwritable { file: file.clone(), source };
    let mut draft = Draft::of(&file, args.overwrite.existing())?.of_its_owner()?;
    draft.write_all(text.as_bytes()).map_err(cannot)?;
    draft.finish()?;
    let made = ClientCertificate { answer: &answer, file: file.display().to_string() };
    output.result(&made, || {
        in_words!("{}  {}  valid until {}", "{}  {}  有効期限 {}", made.file, answer.serial, answer.not_after)
    });
    output.say(in_words!(
        "key and certificate are in one file: eseal --cert FILE, curl --cert FILE, openssl s_client -cert FILE -key FILE",
        "鍵と証明書は一つのファイルにあります: eseal --cert FILE、curl --cert FILE、openssl s_client -cert FILE -key FILE"
    ));
    if let Some(warning) = &answer.warning {
        output.say(in_words!("warning: {warning}", "警告: {warning}"));
    }
    Ok(0)
}

/// A name is no path: it names a person or a program, and its file lies here.
fn check_name(name: &str) -> Result<()> {
    let is_path = name.contains(['/', '\\']) || name.starts_with('.') || name.contains(world::text::is_hidden);
    if name.trim().is_empty() || is_path {
        let problem = format!(
            "wanted a name, such as alice, without / and \\ and no dot at its beginning; found {name:?}: --out says where the file lies"
        );
        let japanese = format!(
            "名前（例: alice）を指定してください。/ と \\ は使えず、先頭にドットは置けません: {name:?}。ファイルの場所は --out で指定します"
        );
        bail!(Invalid::new(name, problem).in_japanese(japanese));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_no_path() {
        for name in ["alice", "TESTBED alice", "山田 花子", "a.b-c@example.jp"] {
            assert!(super::check_name(name).is_ok(), "{name}");
        }
        for name in ["../zz", "a/b", "/etc/x", "..", ".hidden", "a\\b", "", " ", "a\nb"] {
            assert!(super::check_name(name).is_err(), "{name:?}");
        }
    }
}
