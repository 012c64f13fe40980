//! `--help` in Japanese: what the program and each command are for. Options keep their texts.

use clap::Command;

/// What the program is for.
const PROGRAM: &str = "e シール（組織の電子署名）のテストベッド: 認証局、時刻認証局、鍵サーバー、発行、検証をひとつのプログラムで。実運用の信頼には使えません";

/// What each command is for. A command that is missing here is found by a test.
const COMMANDS: &[(&str, &str)] = &[
    ("audit", "鍵サーバーの監査チェーンを検証する、またはファイルに書き出す"),
    ("client-cert", "TLS クライアント証明書を発行する"),
    ("clock", "ワールドの時刻を表示する、または動かす"),
    ("completions", "シェルの補完スクリプトを出力する"),
    ("doctor", "この環境のクライアント（openssl、curl、pyHanko、jarsigner など）がこのテストベッドで動くかを確かめる"),
    ("hold", "証明書を一時停止する（certificateHold）"),
    ("issue", "修了データ（JSON）から e シール付きの証明書を発行する"),
    ("logs", "サーバーのログ、またはワールドへの要求の記録を表示する"),
    ("man", "マニュアルページを出力する"),
    ("openapi", "すべての HTTP API の記述（OpenAPI 3.1）を出力する"),
    ("policy", "検証ポリシーの一覧、表示、確認"),
    ("release", "証明書の一時停止を解除する"),
    ("renew", "クレデンシャルまたは時刻認証ユニットに新しい鍵と証明書を与える"),
    ("revoke", "証明書を失効させる（取り消せません）"),
    ("scenario", "e シールのシナリオを実行し、判定を期待と比べる"),
    ("seal", "PDF に e シールを付ける。PDF は手元に残り、鍵サーバーに渡るのはダイジェストだけ"),
    ("status", "テストベッドが動いているか、そのアドレス、ワールドと時刻を表示する"),
    ("stop", "動いているテストベッドを停止し、終了を待つ"),
    ("template", "証明書や請求書のテンプレートの一覧、表示、確認、見本の作成"),
    ("timestamp", "ファイルにタイムスタンプ（RFC 3161）を付ける、または検証する"),
    ("up", "ワールドがなければ作り、最初の証明書を発行して検証し、すべてのサービスを提供する"),
    ("verify", "PDF の e シールを EN 319 102-1 に従って判定する"),
    ("world", "ワールドの一覧、作成、削除、保存、復元"),
];

/// The same command line with these texts.
pub(crate) fn in_japanese(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    names.into_iter().fold(command.about(PROGRAM).long_about(PROGRAM), |command, name| {
        let about = COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, about)| *about);
        command.mut_subcommand(name, |one| match about {
            Some(about) => one.about(about).long_about(about),
            None => one,
        })
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_has_its_text_in_japanese_and_no_text_is_left_over() {
        let cli = crate::cli::Cli::command();
        let mut names: Vec<&str> =
            cli.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
        names.sort_unstable();
        assert_eq!(COMMANDS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    }
}
