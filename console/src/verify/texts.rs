//! What stands on the page where a PDF is chosen.

crate::texts::texts! {
    title: "PDFの検証", "Verify a PDF";
    heading: "PDFのeシールを検証する", "Verify the e-seal of a PDF";
    choose: "PDFを選ぶか、ここに落としてください", "Choose a PDF, or drop it here";
    verify: "検証する", "Verify";
    not_kept: "ファイルはこの試験環境にだけ送られ、保存されません。結果はしばらくの間、メモリーにだけ残ります。証明書の番号で調べるには", "The file goes to this testbed only and is not kept; the result is, in memory, for a while. To look a certificate up by its number, open";
}
