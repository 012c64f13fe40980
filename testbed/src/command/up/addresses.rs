//! What `eseal up` tells when it is ready: what is served where, and what there is to know.

use std::path::Path;

use issuer::api::IssuedSummary;
use jiff::Timestamp;
use laboratory::Laboratory;
use laboratory::worlds;
use serde::Serialize;
use world::guard::Token;

use super::first::FirstCertificate;
use crate::cli::Common;
use crate::command::issue::SavedCertificate;
use crate::language::in_words;

/// What is served where, and what there is to know.
#[derive(Serialize)]
pub(super) struct Addresses {
    base: String,
    console: String,
    ocsp: String,
    crls: [String; 2],
    trust: String,
    time_stamping: String,
    key_server: String,
    issuer: String,
    verifier: String,
    verify_page: String,
    health: String,
    world: String,
    time: Timestamp,
    trust_folder: String,
    csc_client: String,
    documents: String,
    first_certificate: Option<FirstCertificate>,
    /// The same over TLS, if it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
    /// What whoever acts has to show, if strangers reach the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    warnings: Vec<String>,
}

impl Addresses {
    pub(super) fn of(
        lab: &Laboratory,
        base: &str,
        common: &Common,
        first_certificate: Option<FirstCertificate>,
        (https, token): (Option<&str>, Option<&Token>),
        warnings: Vec<String>,
    ) -> Addresses {
        let base = worlds::world_base(base, &common.world);
        let folder = lab.world.folder.as_deref().unwrap_or(Path::new(""));
        Addresses {
            console: format!("{base}/"),
            ocsp: format!("{base}/ca/ocsp"),
            crls: [format!("{base}/ca/crl/issuing.crl"), format!("{base}/ca/crl/root.crl")],
            trust: format!("{base}/ca/trust.pem"),
            time_stamping: format!("{base}/tsa"),
            key_server: format!("{base}/csc/v2"),
            issuer: format!("{base}/issuer/api"),
            verifier: format!("{base}/verifier/api/validations"),
            verify_page: format!("{base}/verify"),
            health: format!("{base}/healthz"),
            world: lab.world.name.clone(),
            time: lab.world.clock.now(),
            trust_folder: folder.join("trust").display().to_string(),
            csc_client: folder.join("csc-client.json").display().to_string(),
            documents: common.documents().display().to_string(),
            first_certificate,
            https: https.map(|https| worlds::world_base(https, &common.world)),
            token: token.cloned(),
            warnings,
            base,
        }
    }

    pub(super) fn screen(&self) -> String {
        let mut lines = vec![
            in_words!(
                "e-seal testbed — never for production trust",
                "e シール・テストベッド — 実運用の信頼には使えません"
            ),
            String::new(),
        ];
        if let Some(FirstCertificate { saved: SavedCertificate { summary, file }, verdict }) = &self.first_certificate {
            let IssuedSummary { number, recipient, level, address, .. } = summary;
            let verdict = verdict.indication;
            lines.push(in_words!(
                "  certificate    {number}  {recipient}, sealed {level}: {verdict}",
                "  証明書         {number}  {recipient}、e シール {level}: {verdict}"
            ));
            lines.extend(file.as_ref().map(|file| in_words!("  file           {file}", "  ファイル       {file}")));
            lines.push(in_words!("  page           {address}", "  ページ         {address}"));
            lines.push(String::new());
        }
        lines.extend([
            in_words!("  console        {}", "  コンソール     {}", self.console),
            in_words!("  key server     {}", "  鍵サーバー     {}", self.key_server),
            in_words!("  time-stamping  {}", "  時刻認証       {}", self.time_stamping),
            in_words!("  OCSP           {}", "  OCSP           {}", self.ocsp),
            in_words!("  issuer         {}", "  発行           {}", self.issuer),
            in_words!("  verifier       {}", "  検証           {}", self.verifier),
            in_words!("  trust anchors  {}", "  信頼の起点     {}", self.trust_folder),
            in_words!("  CSC client     {}", "  CSC の接続情報 {}", self.csc_client),
            in_words!("  documents      {}", "  文書           {}", self.documents),
        ]);
        if let Some(https) = &self.https {
            lines.push(in_words!("  over TLS       {https}/", "  TLS            {https}/"));
        }
        if let Some(token) = &self.token {
            let token = token.as_str();
            lines.push(in_words!("  token          {token}", "  トークン       {token}"));
            lines.push(in_words!("  for people     {}/join", "  ブラウザー用   {}/join", self.base));
        }
        lines.push(String::new());
        lines.push(in_words!(
            "  try next       eseal seal YOUR.pdf --out sealed.pdf && eseal verify sealed.pdf",
            "  次の例         eseal seal YOUR.pdf --out sealed.pdf && eseal verify sealed.pdf"
        ));
        lines.join("\n")
    }
}
