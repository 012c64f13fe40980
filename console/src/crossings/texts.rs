//! What stands on the page about what the key server was sent.

crate::texts::texts! {
    title: "鍵サーバーに送られたもの", "What the key server was sent";
    certificate: "証明書", "Certificate";
    batch: "一括発行", "Batch";
    about: "これが、このために鍵サーバーに送られたすべての要求です。送られた本文をそのまま示し、ハッシュ値に印を付けています。", "These are all requests that the key server was sent for this. Each body stands here as it was sent; digests are marked.";
    requests: "要求", "Requests";
    octets: "オクテット", "octets";
    of_them_digests: "うちハッシュ値", "of them digests";
    body: "本文を見る", "Show the body";
    route: "経路", "Route";
    certificates: "証明書ごとに送られたもの", "What was sent for each certificate";
    only_digests: "要求の中で、その証明書のものはハッシュ値だけです。", "Of a certificate, nothing but its digests is in the requests.";
    line: "行", "Line";
    next: "次の頁", "Next page";
    search: "個人の情報が含まれていないかの検索", "A search for what stands in the certificate";
    nothing_searched: "送られた要求が記録されていないか、検索する文字がないため、この検索では何も確かめられていません。", "Nothing is proved by this search: no request is recorded, or there is no text to look for.";
    searched_rows: "検索の対象にした証明書と行の数", "Certificates and rows whose texts were looked for";
    texts: "検索した氏名・識別子・番号の数", "Names, identifiers and numbers that were looked for";
    forms: "検索した形式", "In the forms";
    found: "見つかった数", "Found";
    judge: "見つかった文字列は次のとおりです。要求がいつも含む語 (クレデンシャルのIDなど) と同じ文字列なら、証明書のものではありません。前後を見て確かめてください。", "This was found. A text that is also a word of every request, such as the id of a credential, is not the certificate's there: look at what stands round it.";
    found_text: "文字列", "Text";
    form: "形式", "Form";
    offset: "位置 (オクテット)", "At octet";
    short: "短すぎて偶然でも現れるため、次の文字列は、示した形式では探していません (base64 では、探せない位置があるものを含みます)。", "These texts are too short to mean anything where they stand, and were not looked for in these forms (in base64: not at every place).";
    unsearched: "次のものについては、番号のほかに探す文字が分からず、検索では確かめられていません。", "Of these nothing but the number could be looked for: the search proves nothing of what else they say.";
    data_not_kept: "失敗した発行の内容は保存されません", "what an attempt that failed was to say is not kept";
    data_unreadable: "内容を読み取れません", "what it says cannot be read";
    token: "鍵サーバー自身のアクセストークンを添えて", "with an access token of the key server's own";
}
