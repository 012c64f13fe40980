//! What stands on the page where a token or join code is given.

crate::texts::texts! {
    title: "参加", "Join";
    heading: "参加コードを入力する", "Give the join code";
    explanation: "この試験環境は公開されています。操作するには、ワールドの参加コードか、サーバーのトークンが必要です。", "This testbed can be reached by others: whoever acts in it needs the join code of a world, or the server's token.";
    world: "ワールド:", "World:";
    code: "参加コードまたはトークン", "Join code or token";
    join: "参加する", "Join";
    wrong: "参加コードまたはトークンが違います。", "The join code or token is wrong.";
    too_many: "このアドレスからの誤入力が多すぎます。しばらく待ってからもう一度入力してください。", "Too many wrong ones came from this address: wait a moment, and type it again.";
}
