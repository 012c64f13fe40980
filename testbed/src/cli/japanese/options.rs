//! What options and arguments are for, in Japanese: by command and name, or by name alone where it means the same everywhere.

/// Those of all commands, and those that several commands have.
const ANYWHERE: &[(&str, &str)] = &[
    (
        "cacert",
        "https のアドレスの場合: サーバーの上位にあるルート証明書（PEM）。そのフォルダーの `worlds/default/trust/root.pem` など",
    ),
    (
        "cert",
        "https のアドレスの場合: サーバーが求めたときに示すクライアント証明書（PEM）。`eseal client-cert` が作ります",
    ),
    ("cert_key", "--cert の鍵（PEM）。同じファイルにある場合は不要"),
    ("certificate", "16 進のシリアル番号、証明書（PEM、DER）、または e シール付き PDF（最も新しいシールの証明書）"),
    ("data", "テストベッドのフォルダー"),
    (
        "database",
        "ワールドをファイルではなくこの PostgreSQL に置く（ワールドごとに一つのスキーマ）。複数のテストベッドから提供できます",
    ),
    (
        "fetch_from",
        "テストベッドの認証局のほかに、この文字列で始まるアドレスからも CRL、OCSP 応答、証明書を取得する（繰り返し可）。アドレスを選ぶのはファイルの作成者です",
    ),
    ("files", "ファイル。- は標準入力"),
    (
        "fonts",
        "日本語・ラテン文字・ギリシャ文字・キリル文字以外の名前に使うフォント、またはそのフォルダー。`FILE.ttc#2` は集合の 3 番目。繰り返し可（環境変数では `:` で区切る）",
    ),
    ("force", "既にあるファイルを結果で置き換える"),
    ("help", "使い方を表示する"),
    ("json", "標準出力には 1 行に 1 つの JSON オブジェクトだけを出力する（エラーも）"),
    (
        "lang",
        "人に向けた表示の言語（ja または en）。指定がなければ端末の設定（LC_ALL、LC_MESSAGES、LANG）。JSON は同じです",
    ),
    ("log", "標準エラーに出すログ"),
    ("no_renew", "今後は何も更新しない。クライアントは証明書の期限切れに出会います"),
    ("renew", "期限の切れたものを今すぐ、そして今後も更新する"),
    (
        "token",
        "公開されたテストベッドが求めるもの: トークン、またはワールドの参加コード。コマンド行は同じ機械の他の利用者に見えます。環境変数は見えません",
    ),
    ("url", "フォルダーのものではなく、このアドレスで動いているテストベッドに接続する"),
    ("version", "バージョンを表示する"),
    ("world", "対象のワールド。`eseal world list` が一覧を示します。ワールドは互いに見えません"),
];

/// Those of one command, which come before those above.
const OF_COMMAND: &[(&str, &str, &str)] = &[
    ("audit export", "out", "ファイル。指定がないとき、または - は標準出力"),
    ("audit verify", "file", "`export` が書き出したファイル。- は標準入力。指定がなければワールドのチェーン"),
    (
        "audit verify",
        "key",
        "ファイルの場合: 監査の公開鍵（`trust/audit.pem`）。指定がなければファイル自身に含まれる鍵",
    ),
    ("audit verify", "since", "以前に示され、別の場所に控えた末尾。チェーンにまだ含まれていなければなりません"),
    (
        "client-cert",
        "algorithm",
        "鍵のアルゴリズム: p256、p384、p521、rsa2048（rsa）、rsa3072、rsa4096。指定がなければ p256",
    ),
    ("client-cert", "name", "名前。証明書とジャーナルに記されます"),
    ("client-cert", "out", "鍵と証明書のファイル（PEM、所有者だけが読める）。指定がなければ NAME.pem"),
    ("clock advance", "duration", "期間"),
    ("clock set", "time", "時刻"),
    ("completions", "shell", "シェル"),
    (
        "issue",
        "algorithm",
        "シールのアルゴリズム: p256、p384、p521、rsa2048（rsa）、rsa3072、rsa4096（その鍵のクレデンシャルがワールドにあれば）",
    ),
    ("issue", "files", "修了データ（1 ファイルに 1 件）。- は標準入力"),
    (
        "issue",
        "level",
        "PAdES のレベル: B-B、B-T、B-LT、B-LTA。指定がなければデータの指定、それもなければ B-LTA。異なる指定のデータは受け付けません",
    ),
    ("issue", "organization", "発行する機関の ID。指定がなければワールドの最初の機関"),
    (
        "issue",
        "out",
        "証明書のフォルダー、1 件ならファイル NAME.pdf も可、- は標準出力（1 件）。指定がなければテストベッドの `documents`",
    ),
    (
        "issue",
        "template",
        "テンプレート: `eseal template list` の ID、または自分のフォルダーかファイル（ワールドに登録されます）。指定がなければデータの指定、それもなければ learning",
    ),
    ("logs", "follow", "Ctrl-C まで、続きを表示し続ける"),
    ("logs", "lines", "最後の何行か"),
    ("logs", "requests", "代わりにワールドのジャーナル: 誰がどのサービスに何を求め、何が返ったか"),
    ("man", "folder", "すべてのコマンドのページを書くフォルダー。指定がなければプログラムのページを標準出力へ"),
    ("openapi", "out", "ファイル。指定がないとき、または - は標準出力"),
    ("policy check", "file", "ファイル"),
    ("policy show", "name", "名前"),
    ("renew", "name", "名前"),
    ("revoke", "invalidity_date", "鍵が危殆化したと考えられる時刻（invalidityDate、RFC 5280 の 5.3.2）"),
    (
        "revoke",
        "reason",
        "理由: keyCompromise、cACompromise、aACompromise、affiliationChanged、superseded、cessationOfOperation、privilegeWithdrawn、unspecified",
    ),
    ("revoke", "since", "いつから（`-1d`、RFC 3339）。指定がなければワールドの現在時刻から"),
    ("scenario explain", "story", "`eseal scenario list` の番号か ID、またはファイル"),
    ("scenario new", "name", "名前。同名のファイルがなければ NAME.toml を書きます。- は標準出力"),
    ("scenario run", "all", "付属のすべてのシナリオ"),
    ("scenario run", "junit", "結果を JUnit XML で書く"),
    (
        "scenario run",
        "keep",
        "各シナリオのファイルをその名前のフォルダーに残し、他の検証ソフト向けの一覧を付ける。--force を付けると以前のものは消えます",
    ),
    ("scenario run", "stories", "`eseal scenario list` の番号か ID、またはファイル"),
    (
        "seal",
        "algorithm",
        "シールのアルゴリズム: p256、p384、p521、rsa2048（rsa）、rsa3072、rsa4096（その鍵のクレデンシャルがワールドにあれば）",
    ),
    (
        "seal",
        "certify",
        "証明用署名にする（ファイルの最初のシール）。その後に許す変更: 1 なし、2 フォームと追加のシール、3 注釈も",
    ),
    ("seal", "despite_earlier_seals", "以前のシールの判定が悪くなる場合でもシールする"),
    ("seal", "field", "シールを置く、ファイル内の空の署名フィールド。指定がなければ新しい不可視のフィールド"),
    ("seal", "level", "PAdES のレベル: B-B、B-T、B-LT、B-LTA"),
    (
        "seal",
        "out",
        "シール済みのファイル、複数ならフォルダー、- は標準出力。指定がなければテストベッドの `documents`、標準入力なら標準出力",
    ),
    ("seal", "reason", "署名辞書に記す理由"),
    ("template check", "file", "ファイル、または template.toml のあるフォルダー"),
    ("template preview", "completion", "修了データ。指定がなければテンプレート自身の言葉で作ります"),
    ("template preview", "out", "見本のファイル。- は標準出力。指定がなければ NAME-sample.pdf"),
    ("template preview", "template", "付属のテンプレートの ID、または自分のファイルかフォルダー"),
    ("template show", "name", "ID"),
    ("timestamp", "file", "対象のファイル。- は標準入力"),
    ("timestamp", "offline", "--verify の場合: 失効情報を問い合わせない"),
    (
        "timestamp",
        "out",
        "応答（TimeStampResp、DER）の書き先、- は標準出力。指定がなければ FILE.tsr、標準入力なら標準出力",
    ),
    ("timestamp", "unit", "時刻認証ユニット。指定がなければ既定のもの"),
    ("timestamp", "verify", "代わりにこの応答またはトークンを検証する: ファイルに対するものか、認証局は有効か"),
    (
        "up",
        "allow_host",
        "localhost、ループバックのアドレス、ワールドの名前のほかに、このホスト名にも応答する。ポート付きなら、そのホストとポートのページも自分のものとみなす（繰り返し可）",
    ),
    (
        "up",
        "authority_keys",
        "今作るワールドの認証局と時刻認証ユニットの鍵: p256、p384、p521、rsa2048、rsa3072、rsa4096（RSA は -pss も可）、または ed25519（認証局のみ）",
    ),
    (
        "up",
        "client_certs",
        "--tls の場合: `eseal client-cert` が作った証明書をクライアントが示してもよい（optional）、または示さなければならない（required）。示した者は既定のワールドでトークンなしに操作できます",
    ),
    ("up", "despite_broken_audit", "鍵サーバーの監査チェーンが壊れていても起動する。そのことはチェーンに記録されます"),
    (
        "up",
        "expose",
        "--listen 0.0.0.0:8700 や、プロキシ・トンネルの後ろで、他の機械からの利用を許す。操作するにはトークンが必要です（ESEAL_TOKEN、なければ起動時に作って表示します）",
    ),
    (
        "up",
        "idle",
        "この時間（実時間）誰も使わないワールドを、次に使われるまで閉じる。指定がなければ 10m。既定のワールドは開いたままです",
    ),
    (
        "up",
        "listen",
        "待ち受けるアドレス（127.0.0.1:8700、localhost:0 など）。ポート 0 は空きを選びます。作ったときのアドレスはワールドの証明書に残ります。他の機械から届くアドレスには --expose が必要です",
    ),
    ("up", "once", "ワールドと最初の証明書を作って終了する"),
    (
        "up",
        "open_worlds",
        "同時に開いておくワールドの数（既定のものを含む）。超えると、最も長く使われていないものから閉じます。指定がなければ 48",
    ),
    (
        "up",
        "public_url",
        "他者から見たこのサーバーのアドレス（転送するプロキシなど）。今作るワールドの証明書に記されます",
    ),
    (
        "up",
        "tls",
        "このアドレス、または --listen の 43 上のポートで、TLS でも同じものを提供する。証明書は既定のワールドの認証局が発行します。クライアントは `worlds/default/trust/root.pem` を信頼します",
    ),
    ("verify", "all_checks", "合格したものも含め、すべての検査を表示する"),
    ("verify", "at", "検証する時刻（`+10y`、RFC 3339）。指定がなければワールドの現在時刻"),
    ("verify", "certs", "シールと信頼の起点の間に入る証明書"),
    ("verify", "offline", "ファイルとコマンド行にあるものだけを使う"),
    ("verify", "policy", "ポリシー: 付属のもの（`eseal policy list`）または TOML ファイル"),
    (
        "verify",
        "report",
        "報告も保存する: `json=FILE` または `html=FILE`、- は標準出力。複数のファイルならフォルダー `html=DIR/`",
    ),
    ("verify", "trust", "シールとタイムスタンプについて、この証明書だけを信頼する。指定がなければワールドの信頼の起点"),
    ("verify", "trust_tsa", "タイムスタンプについてだけ、この証明書も信頼する。これによって合格するシールはありません"),
    ("world branch", "name", "分岐の名前: a-z、0-9、-"),
    ("world branch", "take_address", "自分のアドレスではなく、元のワールドのアドレスで発行を続ける"),
    ("world delete", "name", "名前"),
    ("world join-code", "name", "ワールド。指定がなければ --world のもの"),
    ("world join-code", "new", "別のコードに替える。以前のものは無効になります"),
    ("world join-code", "none", "コードをなくす。入れるのはトークンだけになります"),
    (
        "world new",
        "count",
        "この数だけ、1 から番号を付けて作る: `--count 40 --prefix student-` なら student-01 から student-40",
    ),
    ("world new", "names", "名前: a-z、0-9、-"),
    (
        "world new",
        "plan",
        "ワールドの設計（TOML ファイル）: 認証局、クレデンシャル、時刻認証ユニット、機関、時刻。`eseal world plan` がその例を出力します。- は標準入力",
    ),
    ("world new", "prefix", "その名前の先頭"),
    ("world plan", "check", "設計を読み、誤りをすべて行と桁とともに示す。- は標準入力"),
    ("world plan", "schema", "設計の JSON Schema を出力する。エディターの補完と検査に使えます"),
    ("world reset", "name", "名前"),
    ("world restore", "despite_broken_audit", "監査チェーンが壊れていても復元する"),
    ("world restore", "file", "ファイル"),
    ("world save", "file", "ファイル。- は標準出力"),
];

/// The text of an argument of a command, such as `world new`.
pub(super) fn text(command: &str, argument: &str) -> Option<&'static str> {
    let command = if command.is_empty() { "up" } else { command }; // without a command it is `up`
    let own = OF_COMMAND.iter().find(|(of, name, _)| (*of, *name) == (command, argument));
    let anywhere = || ANYWHERE.iter().find(|(name, _)| *name == argument).map(|(_, text)| *text);
    own.map(|(_, _, text)| *text).or_else(anywhere)
}
