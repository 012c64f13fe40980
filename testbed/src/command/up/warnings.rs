//! What `eseal up` was asked for, and is not so: since the world was made otherwise, or since nothing here does it. In: the world as
//! it is, the address, the arguments. Out: sentences, in both languages.

use laboratory::Laboratory;
use laboratory::worlds;

use crate::cli::{Common, UpArgs};
use crate::host;
use crate::language::in_words;

/// What somebody may have thought otherwise.
pub(super) struct Warning {
    /// As JSON has it too.
    pub(super) english: String,
    japanese: String,
}

impl Warning {
    fn new(english: impl Into<String>, japanese: impl Into<String>) -> Warning {
        Warning { english: english.into(), japanese: japanese.into() }
    }

    /// In the language of the terminal.
    pub(super) fn line(&self) -> String {
        let Warning { english, japanese } = self;
        in_words!("warning: {english}", "警告: {japanese}")
    }
}

/// What was asked for, and is not so. `made`: the world was made by this very start.
pub(super) fn of(lab: &Laboratory, base: &str, common: &Common, args: &UpArgs, made: bool) -> Vec<Warning> {
    let addresses =
        [elsewhere(lab, base, common), loopback(lab, args), https(lab, base, made), nobody_speaks_tls(base, args)];
    addresses
        .into_iter()
        .chain([needless_token(common, args), keys_as_they_are(common, args, made)])
        .flatten()
        .collect()
}

/// Certificates name another address: that of an earlier start, or of the server beside this one.
fn elsewhere(lab: &Laboratory, base: &str, common: &Common) -> Option<Warning> {
    let named = &lab.world.base;
    (*named != worlds::world_base(base, &common.world)).then(|| match common.home().database {
        None => Warning::new(
            format!(
                "the certificates of this world say {named}, it is served at {base}: clients that follow the addresses in certificates will \
                 not find it. Give --listen the old address, or --data another folder."
            ),
            format!(
                "この世界の証明書には {named} と書かれていますが、{base} で提供しています。証明書内のアドレスをたどるクライアントからは見つかりません。\
                 --listen に元のアドレスを、または --data に別のフォルダーを指定してください。"
            ),
        ),
        Some(_) => Warning::new(
            format!(
                "the certificates of this world say {named}, and this server is at {base}: clients that follow the addresses in certificates ask \
                 the server there, if one is running. For one address of both, put a proxy before them and make the world with --public-url."
            ),
            format!(
                "この世界の証明書には {named} と書かれていますが、このサーバーは {base} です。証明書内のアドレスをたどるクライアントは、\
                 稼働中であればそちらのサーバーに問い合わせます。共通のアドレスにするには、前段にプロキシを置き、--public-url を指定して世界を作ってください。"
            ),
        ),
    })
}

fn loopback(lab: &Laboratory, args: &UpArgs) -> Option<Warning> {
    let named = &lab.world.base;
    (args.expose && host::is_of_loopback(named)).then(|| {
        Warning::new(
            format!(
                "the certificates of this world say {named}, which is for everybody their own machine: give --public-url the address that \
                 others know when a world is made"
            ),
            format!(
                "この世界の証明書には {named} と書かれていますが、これは誰にとっても自分自身のコンピューターを指します。\
                 世界を作るときに、ほかの人から見えるアドレスを --public-url に指定してください"
            ),
        )
    })
}

fn https(lab: &Laboratory, base: &str, made: bool) -> Option<Warning> {
    (made && base.starts_with("https:")).then(|| {
        Warning::new(
            format!(
                "the certificates of this world say {} for CRLs and OCSP answers, which few programs ask for by https (RFC 5280 clause 8): give \
                 --public-url an http address, and --tls for https beside it",
                lab.world.base
            ),
            format!(
                "この世界の証明書には CRL と OCSP のアドレスとして {} と書かれていますが、これらを https で取得するプログラムはほとんどありません\
                （RFC 5280 第 8 節）。--public-url には http のアドレスを指定し、https は --tls で併用してください",
                lab.world.base
            ),
        )
    })
}

fn nobody_speaks_tls(base: &str, args: &UpArgs) -> Option<Warning> {
    (base.starts_with("https:") && args.tls.is_none()).then(|| {
        Warning::new(
            format!("nothing here speaks TLS for {base}: a proxy in front has to, which passes requests on by http; or --tls does"),
            format!("{base} の TLS はここでは処理されません。http で中継するプロキシを前段に置くか、--tls を指定してください"),
        )
    })
}

fn needless_token(common: &Common, args: &UpArgs) -> Option<Warning> {
    (!args.expose && common.token().is_some()).then(|| {
        Warning::new(
            "a token is given, and nobody is asked for it: only a server with --expose asks",
            "トークンが指定されていますが、要求されることはありません。要求するのは --expose を付けたサーバーだけです",
        )
    })
}

fn keys_as_they_are(common: &Common, args: &UpArgs, made: bool) -> Option<Warning> {
    (args.authority_keys.is_some() && !made).then(|| {
        let world = &common.world;
        Warning::new(
            format!("--authority-keys is for a world that is made now; the world {world} is there, and keeps the keys that it has"),
            format!("--authority-keys は新しく作る世界のためのものです。世界 {world} はすでにあり、鍵はそのままです"),
        )
    })
}
