//! What is checked: an id for programs (stories, scripts, the agreement table), with its clause, and a sentence for people in
//! Japanese and English. In: nothing. Out: names and sentences. The names are a promise to scripts; a sentence may be polished.

use serde::{Serialize, Serializer};

use crate::language::Language;

macro_rules! checks {
    ($($id:ident $clause:literal $(rule $rule:literal)? $english:literal $japanese:literal;)*) => {
        /// One thing that is checked. Rules of strict PDF structure have the name of the rule; see docs/verdicts.md.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $(#[doc = $english] $id,)*
        }

        impl CheckId {
            /// Every check there is.
            pub const ALL: &[CheckId] = &[$(CheckId::$id,)*];

            /// Its name in this source, of which [`CheckId::name`] is made.
            fn identifier(self) -> &'static str {
                match self { $(CheckId::$id => stringify!($id),)* }
            }

            /// Clause of EN 319 102-1, such as `5.2.2`.
            pub fn clause(self) -> &'static str {
                match self { $(CheckId::$id => $clause,)* }
            }

            /// Rule of PDF structure, such as `G4`.
            pub fn rule(self) -> Option<&'static str> {
                match self { $(CheckId::$id => checks!(@rule $($rule)?),)* }
            }

            /// What is checked, as a sentence that is true if the check passed.
            pub fn sentence(self, language: Language) -> &'static str {
                match self { $(CheckId::$id => language.of($japanese, $english),)* }
            }
        }
    };
    (@rule $rule:literal) => { Some($rule) };
    (@rule) => { None };
}

impl CheckId {
    /// Its name for programs: `revocation-data-fresh`, or the rule's.
    pub fn name(self) -> String {
        let identifier = self.identifier();
        if self.rule() == Some(identifier) {
            return identifier.to_owned();
        }
        let mut name = String::new();
        for letter in identifier.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// The check with this name.
    pub fn from_name(name: &str) -> Option<CheckId> {
        Self::ALL.iter().copied().find(|id| id.name() == name)
    }

    /// The rule of PDF structure with this id, such as `G4`.
    pub fn from_rule(rule: &str) -> Option<CheckId> {
        Self::ALL.iter().copied().find(|id| id.rule() == Some(rule))
    }
}

impl Serialize for CheckId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

checks! {
    U1 "5.2.2" rule "U1" "the signature is the value of a field that the form lists"
        "署名がフォームに載った署名フィールドの値である";
    U2 "5.2.2" rule "U2" "the keys of field and signature dictionary occur once, and none that is needed is missing"
        "フィールドと署名辞書のキーが重複せず、必要なものが揃っている";
    U3 "5.2.2" rule "U3" "/ByteRange is four direct offsets and lengths"
        "/ByteRange が四つの直接の数である";
    U4 "5.2.2" rule "U4" "/Contents is a direct, non-empty hexadecimal string"
        "/Contents が直接の、空でない16進文字列である";
    U5 "5.2.2" rule "U5" "the value of the signature field is a usable signature"
        "署名フィールドの値が使える署名である";
    U6 "5.2.2" rule "U6" "/SubFilter is one of PAdES, and /Type agrees with it"
        "/SubFilter が PAdES のもので、/Type と合っている";
    U7 "5.2.2" rule "U7" "the signature belongs to one field on one page"
        "署名が一つのフィールド、一つのページに属している";
    G1 "5.2.2" rule "G1" "the first signed range begins at the start of the file"
        "署名範囲がファイルの先頭から始まる";
    G2 "5.2.2" rule "G2" "the signed ranges follow one another and nest with those of other signatures"
        "署名範囲が順に並び、他の署名の範囲と正しく入れ子になっている";
    G3 "5.2.2" rule "G3" "the signed ranges lie in the file"
        "署名範囲がファイルの中にある";
    G4 "5.2.2" rule "G4" "what the ranges leave out is a hexadecimal string and nothing else"
        "署名範囲から除かれているのが16進文字列だけである";
    G5 "5.2.2" rule "G5" "what the ranges leave out is the /Contents of this very dictionary"
        "署名範囲から除かれているのがこの辞書の /Contents である";
    G6 "5.2.2" rule "G6" "positions are compared, not lengths"
        "長さではなく位置が比べられている";
    G7 "5.2.2" rule "G7" "after the signature in /Contents there are zeros only"
        "/Contents の署名の後にはゼロだけがある";
    G8 "5.2.2" rule "G8" "the signed ranges end where a revision ends, with all its cross-references inside"
        "署名範囲が改訂の終わりで終わり、相互参照がすべて中にある";
    G9 "5.2.2" rule "G9" "the signature dictionary is the same in the signed and in the newest revision"
        "署名された改訂と最新の改訂で署名辞書が同じである";
    X1 "5.2.2" rule "X1" "the file begins with the header of a PDF version"
        "ファイルが PDF のヘッダーで始まる";
    X2 "5.2.2" rule "X2" "every revision ends with cross-references, startxref and %%EOF"
        "各改訂が相互参照、startxref、%%EOF で終わる";
    X3 "5.2.2" rule "X3" "there is one kind of cross-reference, no hybrid"
        "相互参照が一種類で、ハイブリッドではない";
    X4 "5.2.2" rule "X4" "cross-references lead to the objects that they name, and no number is used again"
        "相互参照が正しいオブジェクトを指し、番号が再利用されていない";
    X5 "5.2.2" rule "X5" "object streams and cross-reference streams override nothing"
        "オブジェクトストリームと相互参照ストリームが何も上書きしていない";
    X6 "5.2.2" rule "X6" "every byte after the signed revision belongs to a revision"
        "署名された改訂の後のすべてのバイトが改訂に属している";
    X7 "5.2.2" rule "X7" "what the signed revision leaves undefined stays undefined"
        "署名された改訂で未定義のものが未定義のままである";
    X9 "5.2.2" rule "X9" "no key and no object is defined twice, and every reader spells the names alike"
        "キーもオブジェクトも二重に定義されておらず、名前の読み方が一つである";
    X10 "5.2.2" rule "X10" "trees end, without cycles and within limits"
        "木構造が循環せず、限度内で終わる";
    C1 "5.2.2" rule "C1" "the signature is one DER SignedData with one signer and without content of its own"
        "署名が署名者一人の、本文を含まない DER の SignedData である";
    C3 "5.2.2" rule "C3" "the claimed time is /M; attributes that PAdES baseline forbids are absent"
        "主張された時刻が /M で、PAdES ベースラインが禁じる属性がない";
    C4 "5.2.2" rule "C4" "signed attributes are in the order of DER"
        "署名属性が DER の順に並んでいる";
    C5 "5.2.2" rule "C5" "the algorithms named in the signature agree"
        "署名に示された暗号方式が互いに合っている";
    M1 "5.2.2" rule "M1" "in the catalog only form, security store, metadata, extensions and version changed"
        "カタログで変わったのはフォーム、検証情報、メタデータ、拡張、バージョンだけである";
    M2 "5.2.2" rule "M2" "pages are the same"
        "ページが同じである";
    M3 "5.2.2" rule "M3" "no stream or font was overridden"
        "ストリームもフォントも上書きされていない";
    M4 "5.2.2" rule "M4" "no object was freed"
        "解放されたオブジェクトがない";
    M5 "5.2.2" rule "M5" "new objects are reached from permitted changes only"
        "新しいオブジェクトが許された変更からだけ参照されている";
    M6 "5.2.2" rule "M6" "the security store holds validation material and nothing else"
        "検証情報ストアに検証情報だけが入っている";
    M7 "5.2.2" rule "M7" "later signatures are document time-stamps or permitted seals, in fields that are invisible or were prepared"
        "後の署名が文書タイムスタンプか許されたeシールで、見えないか用意されていたフィールドにある";
    M8 "5.2.2" rule "M8" "signed fields did not change"
        "署名済みのフィールドが変わっていない";
    M9 "5.2.2" rule "M9" "no annotation was added, changed or removed that is not permitted"
        "許されていない注釈の追加、変更、削除がない";
    M10 "5.2.2" rule "M10" "no other form field changed that may not be filled in"
        "記入が許されていない他のフォームフィールドが変わっていない";
    M11 "5.2.2" rule "M11" "the certification permits what came later, and is the first signature"
        "最初の署名である証明が、後の変更を許している";
    M12 "5.2.2" rule "M12" "document information and metadata changed in text only"
        "文書情報とメタデータが文字だけ変わっている";
    M14 "5.2.2" rule "M14" "nothing was laid over a visible seal"
        "見えるeシールの上に何も重ねられていない";
    M15 "5.2.2" rule "M15" "encryption, identifier and root are the same in all revisions, and no trailer gains an unknown key"
        "暗号化、識別子、ルートがすべての改訂で同じで、トレーラーに未知のキーが加わっていない";
    SigningCertificateFound "5.2.3" "the signing certificate is at hand"
        "署名用証明書が手元にある";
    SigningCertificateReferred "5.2.3" rule "C2" "the signed reference is to this certificate"
        "署名された参照がこの証明書を指している";
    SignaturePolicy "5.2.4" "a signature policy is not asked for"
        "署名ポリシーは要求されていない";
    RevocationDataFresh "5.2.5" "the revocation data is fresh"
        "失効情報が新しい";
    PathFound "5.2.6" "a certificate path leads to a trust anchor"
        "認証パスが信頼の起点に至る";
    WorkSufficed "5.2.6" "everything at hand was looked at within the work that one file may ask for"
        "一つのファイルに許された計算量の中で、手元のすべてを調べた";
    AnchorTrusted "5.2.6" "the trust anchor is trusted at the validation time"
        "検証時刻に信頼の起点が信頼されている";
    PathRules "5.2.6" "the path obeys RFC 5280"
        "認証パスが RFC 5280 に従っている";
    CertificateForSealing "5.2.6" "the certificate is for sealing"
        "証明書の用途がeシールである";
    CertificateForTimeStamping "5.2.6" "the certificate is for time-stamping only"
        "証明書の用途がタイムスタンプだけである";
    CertificatePurpose "5.2.6" "the certificate is for the purpose that is asked for"
        "証明書の用途が求められたものである";
    ExpectedOrganization "5.2.6" "the seal is of an organisation that the policy names"
        "ポリシーが定める組織のeシールである";
    NoForbiddenExtension "5.2.6" "the certificate has no forbidden extension"
        "証明書に禁止された拡張がない";
    RevocationDataAcceptable "5.2.6" "there is acceptable revocation data"
        "受け入れられる失効情報がある";
    NotRevoked "5.2.6" "the certificate is not revoked"
        "証明書が失効していない";
    ValidNow "5.2.6" "the certificate is valid at the validation time"
        "検証時刻に証明書が有効期間内である";
    RevocationDataIssuerValid "5.2.6" "whoever made the revocation data is valid at the validation time"
        "検証時刻に失効情報の発行者が有効期間内である";
    PathAlgorithms "5.2.6" "the algorithms of certificates and revocation data are reliable at the validation time"
        "証明書と失効情報の暗号方式が検証時刻に信頼できる";
    DigestHolds "5.2.7" "the signed data has the digest that was signed"
        "署名対象のハッシュ値が署名されたものと同じである";
    SignatureHolds "5.2.7" "the signature value verifies with the key of the signing certificate"
        "署名値が署名用証明書の鍵で検証できる";
    SigningCertificateAttribute "5.2.8" rule "C2" "the signing certificate is referred to by exactly one signed attribute"
        "署名用証明書を指す署名属性がちょうど一つある";
    ReferencesInPath "5.2.8" "every signed reference is to a certificate of the path"
        "署名された参照がすべて認証パス上の証明書を指している";
    ClaimedTime "5.2.8" "the claimed time lies in the validity of the certificate"
        "主張された時刻が証明書の有効期間内である";
    SignatureAlgorithms "5.2.8" "the algorithms of the signature are reliable"
        "署名の暗号方式が信頼できる";
    ReferenceDigest "5.2.8" "the digest in the reference to the signing certificate is reliable"
        "署名用証明書への参照のハッシュ関数が信頼できる";
    MadeInTime "5.3" "the seal was made in time, as far as content time-stamps tell"
        "コンテンツタイムスタンプから見て期間内に作られている";
    TokenForm "5.4" "the token is one signed TSTInfo"
        "タイムスタンプトークンが署名された一つの TSTInfo である";
    TokenReadable "5.4" "the time-stamp can be read"
        "タイムスタンプを読むことができる";
    TokenImprint "5.4" "the imprint is that of the stamped data"
        "メッセージインプリントが対象データのものである";
    TokenTime "5.4" "the time lies in the validity of the authority's certificate, and not in the future"
        "時刻が時刻認証局の証明書の有効期間内で、未来ではない";
    TokenAuthorityName "5.4" "the name of the authority is that of its certificate"
        "時刻認証局の名前が証明書のものと同じである";
    ValidationTimeOrder "5.5" "the validation time is not before the time-stamps"
        "検証時刻がタイムスタンプより前ではない";
    TimeStampCounts "5.5" "the time-stamp proves when the signature existed"
        "タイムスタンプが署名の存在時刻を証明する";
    RevokedLater "5.5" "the certificates were revoked after the best signature time"
        "証明書の失効が署名の最良時刻より後である";
    SuspectedLater "5.5" "the signature existed before the key was suspected (invalidityDate)"
        "鍵が疑われた日時(invalidityDate)より前に署名が存在した";
    BestTimeInValidity "5.5" "the best signature time lies in the validity of the certificate"
        "署名の最良時刻が証明書の有効期間内である";
    TimeStampOrder "5.5" "the time-stamps are in order"
        "タイムスタンプの順序が正しい";
    TimeStampPresent "5.5" "a time-stamp proves when the signature existed"
        "署名の存在時刻を証明するタイムスタンプがある";
    TimeStampDelay "5.5" "the seal was stamped soon after the claimed time"
        "主張された時刻から間もなくタイムスタンプが付けられている";
    FreshAtBestTime "5.5" "the revocation data is fresh at the best signature time"
        "署名の最良時刻に失効情報が新しい";
    SuspendedLater "5.5" "the certificates were suspended after the best signature time"
        "証明書の一時停止が署名の最良時刻より後である";
    PathAlgorithmsStand "5.5" "certificates and revocation data stand without a proof of existence"
        "証明書と失効情報が存在証明なしに信頼できる";
    PathValidOnce "5.6.2.1" "all certificates of the path were valid at some time"
        "認証パスの証明書がすべて有効だった時がある";
    ExistedAtControlTime "5.6.2.2" "certificate and revocation data are proven to have existed at the control time"
        "証明書と失効情報が制御時刻に存在していたことが証明されている";
    GoodUntilControlTime "5.6.2.2" "the certificate was good until the control time"
        "証明書が制御時刻まで有効だった";
    DataIssuerValidThen "5.6.2.4" "revocation data existed while whoever made it was valid"
        "失効情報がその発行者の有効期間内に存在した";
    PathGoodThen "5.6.2.4" "the certificate path was good in the past"
        "過去に認証パスが有効だった";
    ExistedWhilePathGood "5.6.2.4" "the signature is proven to have existed while its certificate path was good"
        "認証パスが有効だった間に署名が存在していたことが証明されている";
    ExistedInValidity "5.6.2.4" "the signature is proven to have existed in the validity of its certificate"
        "証明書の有効期間内に署名が存在していたことが証明されている";
    KnownBeforeCaRevoked "5.6.2.4" "revocation data of the certificate existed before its CA was revoked"
        "認証局の失効より前に証明書の失効情報が存在した";
    ExistedWhileReliable "5.6.2.4" "what has a weak algorithm existed while that was reliable"
        "弱い暗号方式のものが、信頼できた間に存在した";
    ProofsDecide "5.6.3" "proofs of existence decide"
        "存在証明によって決まる";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_is_found_by_its_name_and_has_two_sentences() {
        for id in CheckId::ALL {
            assert_eq!(CheckId::from_name(&id.name()), Some(*id));
            assert!(id.sentence(Language::English).is_ascii(), "{}", id.name());
            assert!(!id.sentence(Language::Japanese).is_ascii(), "{}", id.name());
        }
        assert_eq!(CheckId::RevocationDataFresh.name(), "revocation-data-fresh");
        assert_eq!(CheckId::from_rule("X10"), Some(CheckId::X10));
    }

    #[test]
    fn every_rule_stands_in_the_page_of_rules_and_lives_where_it_says() {
        let page = include_str!("../../docs/rules.md");
        let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let is_rule = |name: &str| name.starts_with(['U', 'G', 'X', 'C', 'M']) && name[1..].parse::<u8>().is_ok();
        let rows: Vec<_> = page.lines().map(cells).filter(|cells| cells.len() == 6 && is_rule(cells[1])).collect();
        let documented: BTreeSet<&str> = rows.iter().map(|cells| cells[1]).collect();
        let known: BTreeSet<&str> = CheckId::ALL.iter().filter_map(|id| id.rule()).collect();
        assert_eq!(documented, known);
        assert_eq!(rows.len(), known.len(), "each stands there once");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/format_check/");
        for cells in &rows {
            for file in cells[3].split(", ").map(|file| file.trim_matches('`')) {
                assert!(std::path::Path::new(folder).join(file).is_file(), "{}: {file}", cells[1]);
            }
        }
    }
}
