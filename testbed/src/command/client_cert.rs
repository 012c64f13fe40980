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
