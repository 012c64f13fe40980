//! What stands on the page of a certificate, and of a number without one.

crate::texts::texts! {
    certificate: "証明書", "Certificate";
    name: "氏名", "Name";
    addressee: "宛先", "Addressee";
    course: "講座", "Course";
    issued: "発行", "Issued";
    issuer: "発行機関", "Issued by";
    confirmation_code: "確認コード", "Confirmation code";
    code_wanted: "氏名、講座名、原本は、証明書に印刷された確認コードを入力すると表示されます。番号だけでは、だれの証明書かは分かりません。", "Whose it is, for what, and the original are shown to whoever gives the confirmation code that is printed on it: a number alone says nothing of that.";
    wrong_code: "確認コードが違います。", "The confirmation code is wrong.";
    to_act: "取り消し、停止、発行し直し (この試験環境に入れる人だけ)", "Revoke, suspend or issue again (only for those who may enter this testbed)";
    show: "表示する", "Show";
    open_original: "原本 (PDF) を開く", "Open the original (PDF)";
    original: "発行者の手元にある原本の検査", "The check of the issuer's original";
    own_file: "お手元のファイルは、検証の頁か検証ソフトで確かめてください。QRコードは偽のサイトに導くことがあります。アドレスを確かめてください。", "Check your own file on the page “Verify” or with another verifier. A QR code can lead to a fake site: compare the address.";
    key_server: "鍵サーバーに送られたもの", "What the key server was sent";
    sent_digest: "送られたハッシュ値", "Digest that was sent";
    of_the_attributes: "署名属性のハッシュ値。PDF本体は送られません。", "of the signed attributes; the PDF is never sent";
    everything_sent: "送られたものすべてを見る", "Everything that was sent";
    document: "文書", "The document";
    document_digest: "文書のハッシュ値", "Digest of the document";
    stays: "発行者の中にとどまります。", "stays with the issuer";
    level: "水準", "Level";
    not_found: "見つかりません", "Not found";
    unknown_number: "この番号の証明書はありません", "There is no certificate with this number";
    given_up: "この番号は欠番です。証明書は発行されていません。", "This number was given up: no certificate has it.";
    not_yet: "この番号の証明書は、まだ発行されていません。", "The certificate of this number has not been issued yet.";
    check_number: "番号を確かめてください。最後の一文字は打ち間違いを見つけるための検査文字です。", "Check the number. Its last character is a check character that finds typing errors.";
}
