//! `--help` in Japanese: what the program, each command and each option is for. Examples are the same in both languages.

mod options;
mod values;

use clap::{Arg, ArgAction, Command};

pub(crate) use values::value_in_japanese;

/// What the program is for.
const PROGRAM: &str = "e シール（組織の電子署名）のテストベッド: 認証局、時刻認証局、鍵サーバー、発行、検証をひとつのプログラムで。実運用の信頼には使えません";

/// What each command is for, in the order of their names. A command that is missing here is found by a test.
const COMMANDS: &[(&str, &str)] = &[
    ("audit", "鍵サーバーの監査チェーンを検証する、またはファイルに書き出す"),
    ("audit export", "チェーン全体を JSON 行として書き出す"),
    ("audit verify", "チェーンは完全か。ワールドのもの、または書き出したファイルを公開鍵だけで"),
    ("batch", "一括発行（eseal issue --batch）の一覧、進み具合、結果、一時停止、再開、中止、再試行"),
    ("batch cancel", "中止する: まだ発行していないものは、この一括発行では発行しません"),
    ("batch files", "証明書をマニフェストとともにフォルダーまたは ZIP に保存する"),
    ("batch list", "ワールドの一括発行、新しい順"),
    ("batch pause", "手元の行を終え、ほかの行は始めない"),
    ("batch result", "行ごとの結果: 番号、アドレス、ファイル、レベル、SHA-256、問題"),
    ("batch resume", "続ける。サーバーがなければ、ここで最後まで処理します"),
    ("batch retry", "解消したかもしれない理由で失敗した行をもう一度試す。サーバーがなければ、ここで処理します"),
    ("batch rows", "その行、ファイルの順"),
    ("batch show", "どこまで進んだか"),
    (
        "certificate",
        "発行した証明書（番号で指定）の一覧、表示、取消、停止、停止解除、再発行。シールの電子証明書（X.509）は revoke、hold、release で",
    ),
    ("certificate list", "証明書の一覧（新しい順）: すべて、または条件に合うもの"),
    ("certificate reissue", "証明書を、多くは訂正したデータで発行し直す。新しい証明書が古いものに代わります"),
    ("certificate release", "証明書の停止を解除する"),
    (
        "certificate revoke",
        "証明書を取り消す（元に戻せません）。e シールは有効なままで、取り消されるのは発行者による証明です",
    ),
    ("certificate show", "一つの証明書を表示する: 内容、今の効力、その経緯"),
    ("certificate suspend", "解除または取消まで、証明書の効力を停止する"),
    (
        "client-cert",
        "TLS クライアントの鍵と証明書を作る（--client-certs で動くサーバー用）。示した者は、失効させるまでワールドでトークンなしに操作できます",
    ),
    ("clock", "ワールドの時刻を表示する、または動かす"),
    ("clock advance", "期間だけ進める: `90s`、`15m`、`400d`、`10y`。負号で戻す"),
    ("clock freeze", "現在の時刻で止める"),
    ("clock get", "ワールドの時刻と、期限が切れたもの・まだ始まっていないものを表示する"),
    ("clock reset", "システムの時計に戻す（差なし）"),
    ("clock run", "現在の時刻から進める"),
    (
        "clock set",
        "時刻を設定する: RFC 3339、日付、`+400d`、`-3y`（1950 年から 9999 年末まで）。`now` は今示している時刻",
    ),
    ("completions", "シェルの補完スクリプトを出力する"),
    ("doctor", "この環境のクライアント（openssl、curl、pyHanko、jarsigner など）がこのテストベッドで動くかを確かめる"),
    ("hold", "電子証明書（X.509）を一時停止する（certificateHold）"),
    ("issue", "修了データ（JSON）から e シール付きの証明書を発行する"),
    ("logs", "サーバーのログ、またはワールドへの要求の記録を表示する"),
    ("man", "マニュアルページを出力する"),
    ("openapi", "すべての HTTP API の記述（OpenAPI 3.1）を出力する"),
    ("policy", "検証ポリシーの一覧、表示、確認"),
    ("policy check", "ファイルを読み、誤りがあれば示す"),
    ("policy list", "付属のポリシーの名前"),
    ("policy show", "ポリシーを TOML ファイルとして出力する"),
    ("release", "電子証明書（X.509）の一時停止を解除する"),
    ("renew", "クレデンシャルまたは時刻認証ユニットに新しい鍵と証明書を与える"),
    ("revoke", "電子証明書（X.509）を失効させる（取り消せません）"),
    ("scenario", "e シールのシナリオを実行し、判定を期待と比べる"),
    ("scenario explain", "シナリオを一歩ずつ、判定とその根拠の条項とともに説明する。--lang がなければ両方の言語で"),
    ("scenario list", "付属のシナリオ"),
    ("scenario new", "各行に説明の付いた、書き始めのシナリオを書く"),
    ("scenario run", "シナリオを実行し、すべての判定を期待と比べる"),
    ("seal", "PDF に e シールを付ける。PDF は手元に残り、鍵サーバーに渡るのはダイジェストだけ"),
    ("status", "テストベッドが動いているか、そのアドレス、ワールドと時刻を表示する"),
    ("stop", "動いているテストベッドを停止し、終了を待つ"),
    ("template", "証明書や請求書のテンプレートの一覧、表示、確認、見本の作成"),
    ("template check", "自分のテンプレートを読み、見本を作ってみて、誤りがあれば行と列とともにすべて示す"),
    ("template list", "ワールド（`--world`）のテンプレート: 付属のものとワールド自身のもの"),
    ("template preview", "見本を作る: シールなし、各ページに「見本 / SAMPLE」"),
    ("template schema", "テンプレートの JSON Schema を出力する。エディターの補完と検査に使えます"),
    ("template show", "テンプレートを TOML ファイルとして出力する。または画像とともにフォルダーに書き出す"),
    ("timestamp", "ファイルにタイムスタンプ（RFC 3161）を付ける、または検証する"),
    ("up", "ワールドがなければ作り、最初の証明書を発行して検証し、すべてのサービスを提供する"),
    ("verify", "PDF の e シールを EN 319 102-1 に従って判定する"),
    ("webhook", "学習プラットフォームからの修了通知に署名するためのシークレットを表示する、または取り替える"),
    ("webhook rotate", "別のシークレットを作る。前のものもあと一日は受け付けます"),
    ("webhook secret", "学習プラットフォームがメッセージを送るアドレスと、署名に使うシークレットを表示する"),
    ("worker", "PostgreSQL にあるワールドの一括発行を、サーバーや他のワーカーと分担して処理する"),
    ("world", "ワールドの一覧、作成、削除、保存、復元"),
    (
        "world branch",
        "別のワールド（`--world`）の現在の写しを作る: 鍵、番号、記録、時計。その中では、以前に発行されたもののアドレスは自分自身を指します",
    ),
    (
        "world delete",
        "ワールドを鍵と記録ごと削除する（元に戻せません）。発行・シールされた文書は `documents` の別の名前のフォルダーに残ります",
    ),
    ("world join-code", "公開されたサーバーの一つのワールドだけにグループを入れるコードを示す。なければ作ります"),
    ("world list", "ワールドの一覧"),
    ("world new", "ワールドを作る: 認証局、鍵、クレデンシャルはそれぞれのもの"),
    ("world plan", "ワールド（`--world`）の設計を、`world new --plan` が受け取る形で出力する"),
    ("world reset", "ワールドを設計から作り直す: 別の鍵、記録なし、番号は 1 から。発行・シールされた文書は残ります"),
    (
        "world restore",
        "保存したファイルからワールド（`--world`）を作る: 同じ鍵、秘密、番号、監査チェーン。既にあるワールドは上書きしません",
    ),
    (
        "world save",
        "ワールド（`--world`）を一つのファイルに保存する（提供中でも可）。このファイルを持つ者はワールドの鍵を持ちます",
    ),
];

/// How a page of help is laid out.
const TEMPLATE: &str = "{before-help}{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}";

/// The same command line with these texts.
pub(crate) fn in_japanese(command: Command) -> Command {
    let command = command.disable_version_flag(true).about(PROGRAM).long_about(PROGRAM);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    below(command.arg(version.help("バージョンを表示する").help_heading("オプション")), "")
}

/// The command with that path, and those below it.
fn below(command: Command, path: &str) -> Command {
    let about = COMMANDS.iter().find(|(known, _)| *known == path).map(|(_, about)| *about);
    let command = match about {
        Some(about) => command.about(about).long_about(about),
        None => command,
    };
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort);
    let command = command.disable_help_flag(true).disable_help_subcommand(true).arg(help);
    let command = command.help_template(TEMPLATE).subcommand_help_heading("コマンド").mut_args(|argument| {
        let heading = if argument.is_positional() { "引数" } else { "オプション" };
        match options::text(path, argument.get_id().as_str()) {
            Some(text) => argument.help(text).long_help(text),
            None => argument,
        }
        .help_heading(heading)
    });
    let after = command.get_after_help().map(|after| in_words(&after.to_string()));
    let command = match after {
        Some(after) => command.after_help(after),
        None => command,
    };
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |one| below(one, path.trim_start()))
    })
}

/// What stands around examples.
const AROUND_EXAMPLES: [(&str, &str); 13] = [
    ("Examples:", "例:"),
    ("Example:", "例:"),
    (
        "Exit codes: 0 done, 1 the answer is no, 2 undecided, 3 nothing to judge, 4 could not be asked.",
        "終了コード: 0 完了、1 答えは否、2 判定できない、3 判定するものがない、4 問い合わせられない",
    ),
    (
        "Exit code of --verify: 0 it passed, 1 it failed, 2 undecided.",
        "--verify の終了コード: 0 合格、1 不合格、2 判定できない",
    ),
    (
        "Exit code: 0 every seal passed, 1 any failed, 2 any undecided, 3 no seal, 4 not a PDF that can be read.",
        "終了コード: 0 すべて合格、1 不合格あり、2 判定できないものあり、3 シールなし、4 読み取れる PDF ではない",
    ),
    (
        "Exit code of verify: 0 intact, 1 broken, 4 no audit chain that can be read.",
        "verify の終了コード: 0 完全、1 壊れている、4 読み取れる監査チェーンではない",
    ),
    ("Exit code: 0 it runs and answers, 1 it does not.", "終了コード: 0 動いて応答している、1 そうではない"),
    (
        "Exit code: 0 none runs any more (also if none did), 1 it has not ended within six seconds.",
        "終了コード: 0 もう動いていない（はじめから動いていない場合も）、1 6 秒以内に終わらなかった",
    ),
    ("Exit code: 0 done, 1 some rows have no certificate.", "終了コード: 0 完了、1 証明書のない行あり"),
    (
        "Exit code of --batch: 0 every row has its certificate, 1 some have none, 4 the file cannot be read.",
        "--batch の終了コード: 0 すべての行に証明書がある、1 ない行あり、4 ファイルを読み取れない",
    ),
    ("Exit code: 0 nothing failed, 1 something did.", "終了コード: 0 失敗なし、1 失敗あり"),
    (
        "Exit code: 0 all as expected, 1 an expectation was not met, 4 a story could not be played.",
        "終了コード: 0 すべて期待どおり、1 期待と異なるものあり、4 実行できないシナリオあり",
    ),
    (
        "Results go to stdout, everything for people to stderr; `-` is stdin or stdout. No result takes the place of a file that is there without --force. A command finds a running testbed by itself; without one it starts the parts it needs over the same folder.",
        "結果は標準出力、人に向けた表示は標準エラーに出ます。`-` は標準入力または標準出力です。--force がなければ、既にあるファイルを結果で置き換えることはありません。コマンドは動いているテストベッドを自分で見つけます。なければ必要な部分を同じフォルダーの上で動かします。",
    ),
];

fn in_words(after: &str) -> String {
    AROUND_EXAMPLES.iter().fold(after.to_owned(), |text, (english, japanese)| text.replace(english, japanese))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command with its path, as it is parsed, with options that hold everywhere.
    fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
            let path = format!("{path} {}", one.get_name());
            found.push((path.trim_start().to_owned(), one.clone()));
            all(one, &path, found);
        }
    }

    #[test]
    fn every_command_has_its_text_in_japanese_and_no_text_is_left_over() {
        let mut found = Vec::new();
        all(&crate::cli::Cli::command(), "", &mut found);
        let mut names: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        names.sort_unstable();
        assert_eq!(COMMANDS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    }

    #[test]
    fn every_option_and_every_word_around_examples_is_told_in_japanese() {
        let mut command = in_japanese(crate::cli::Cli::command());
        command.build();
        let mut found = vec![(String::new(), command.clone())];
        all(&command, "", &mut found);
        for (path, command) in found {
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(
                    !help.is_ascii(),
                    "`eseal {path}`: {} has no text in cli/japanese/options.rs: {help}",
                    argument.get_id()
                );
            }
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for english in ["Example", "Exit code", "stdout"] {
                assert!(!after.contains(english), "`eseal {path}`: {after}");
            }
        }
    }

    #[test]
    fn a_page_of_help_is_japanese_from_top_to_bottom() {
        let mut command = in_japanese(crate::cli::Cli::command());
        command.build();
        let seal = command.find_subcommand_mut("seal").expect("there is one").render_help().to_string();
        for word in ["使い方: eseal seal", "引数:", "オプション:", "例:", "使い方を表示する"] {
            assert!(seal.contains(word), "{word}: {seal}");
        }
        assert!(!seal.contains("Usage") && !seal.contains("Options:") && !seal.contains("Arguments:"), "{seal}");
    }
}
