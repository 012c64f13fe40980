//! Who has end certificates: credentials, time-stamping units, and the organisations that they name.

use std::collections::BTreeSet;

use ca::{AuthorityId, Subject};
use issuer::{CertificateNumber, Logo, Organization, SealPicture, SealText};
use pki::{KeyAlgorithm, KeyKind, RsaPadding};
use world::time::Duration;

use super::super::validity::last_second;
use super::super::{CredentialPlan, CredentialProfile, OrganizationPlan, UnitPlan};
use super::authorities::outside;
use super::{Check, InJapanese, Told, named, sound, told};
use crate::plan::picture;
use crate::plan::read::Place;

/// How many authorities may stand above an end certificate: `pki::path` follows paths of ten certificates.
const LONGEST_PATH: usize = 9;

const CREDENTIAL: &str = "credential";
const UNIT: &str = "time_stamping_unit";
const ORGANIZATION: &str = "organization";

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    check.no_name_twice(CREDENTIAL, "id", plan.credentials.iter().map(|one| one.id.as_str()), of_credential);
    check.no_name_twice(UNIT, "name", plan.units.iter().map(|one| one.name.as_str()), of_unit);
    check.no_name_twice(ORGANIZATION, "id", plan.organizations.iter().map(|one| one.id.as_str()), of_organization);
    let prefixes = plan.organizations.iter().map(|one| one.number_prefix.as_str());
    let of_prefix = |prefix: &str| told!("number prefix {prefix:?}", "証明書番号の接頭辞 {prefix:?}");
    check.no_name_twice(ORGANIZATION, "number_prefix", prefixes, of_prefix);
    let default_authority = plan.default_authority().map(|one| &one.id);
    for (index, organization) in plan.organizations.iter().enumerate() {
        check.organization(index, organization);
    }
    for (index, credential) in plan.credentials.iter().enumerate() {
        check.credential(index, credential, default_authority);
    }
    for (index, unit) in plan.units.iter().enumerate() {
        check.unit(index, unit, default_authority);
    }
}

fn of_credential(id: &str) -> Told {
    told!("credential {id:?}", "クレデンシャル {id:?}")
}

fn of_unit(name: &str) -> Told {
    told!("time-stamping unit {name:?}", "時刻認証ユニット {name:?}")
}

fn of_organization(id: &str) -> Told {
    told!("organization {id:?}", "組織 {id:?}")
}

/// What every end certificate has.
struct Holder<'a> {
    table: &'static str,
    index: usize,
    what: Told,
    organization: Option<&'a str>,
    authority: Option<&'a AuthorityId>,
    validity: Option<Duration>,
}

impl Check<'_> {
    fn credential(&mut self, index: usize, credential: &CredentialPlan, default_authority: Option<&AuthorityId>) {
        let at = |member| Place { table: CREDENTIAL, index, member };
        let what = of_credential(&credential.id);
        if !is_id(&credential.id) {
            self.misfit(at("id"), what.colon(id_rule()));
        }
        if let Some(index) = self.plan.units.iter().position(|unit| unit.name.as_str() == credential.id) {
            let told = told!(
                ": a time-stamping unit has that name, and `renew` takes either's",
                ": 同じ名前の時刻認証ユニットがあり、`renew` はどちらも受け付けます"
            );
            self.misfit_since(at("id"), Some(Place { table: UNIT, index, member: "name" }), what.then(told));
        }
        let KeyAlgorithm { kind, padding } = credential.algorithm;
        let wanted = match (credential.profile, kind) {
            (_, _) if !credential.algorithm.signs_digests() => Some(told!(
                "signs digests: P-256, P-384, P-521 or RSA-2048, RSA-3072, RSA-4096",
                "ダイジェストに署名する鍵（P-256、P-384、P-521、RSA-2048、RSA-3072、RSA-4096）"
            )),
            (_, KeyKind::Rsa { .. }) if padding == RsaPadding::Pss => Some(told!(
                "is named without -PSS: with which padding it signs, each request says",
                "-PSS の付かない鍵（パディングは署名の要求ごとに選びます）"
            )),
            (CredentialProfile::Badge, KeyKind::Rsa { .. }) | (CredentialProfile::Seal, _) => None,
            (CredentialProfile::Badge, _) => Some(told!(
                "signs badges with RS256: RSA-2048, RSA-3072 or RSA-4096",
                "バッジに RS256 で署名する鍵（RSA-2048、RSA-3072、RSA-4096）"
            )),
        };
        if let Some(wanted) = wanted {
            let found = credential.algorithm;
            let wanted = told!(": wanted a key that ", ": ").then(wanted);
            let told = wanted.then(told!("; found {found}", "が必要です。{found} と書かれています"));
            self.misfit(at("algorithm"), what.then(told));
        }
        let subject = self.plan.subject_of_credential(credential);
        self.subject_of_holder(
            at("common_name"),
            &what,
            (credential.organization.as_deref(), credential.common_name.is_some()),
            subject,
        );
        self.holder(&Holder {
            table: CREDENTIAL,
            index,
            what,
            organization: credential.organization.as_deref(),
            authority: credential.authority.as_ref().or(default_authority),
            validity: credential.validity,
        });
    }

    fn unit(&mut self, index: usize, unit: &UnitPlan, default_authority: Option<&AuthorityId>) {
        let at = |member| Place { table: UNIT, index, member };
        let what = of_unit(unit.name.as_str());
        if !unit.algorithm.signs_digests() {
            let found = unit.algorithm;
            let told = told!(
                ": wanted a key that signs digests; found {found}, which is for authorities",
                ": ダイジェストに署名する鍵が必要です。認証局専用の {found} と書かれています"
            );
            self.misfit(at("algorithm"), what.then(told));
        }
        let subject = self.plan.subject_of_unit(unit);
        self.subject_of_holder(
            at("common_name"),
            &what,
            (unit.organization.as_deref(), unit.common_name.is_some()),
            subject,
        );
        self.holder(&Holder {
            table: UNIT,
            index,
            what,
            organization: unit.organization.as_deref(),
            authority: unit.authority.as_ref().or(default_authority),
            validity: unit.validity,
        });
    }

    /// Whom the certificate names. What is wrong with the organisation's own names is told there, and once: so is a name of it that is too
    /// long for what is put behind it.
    fn subject_of_holder(
        &mut self,
        place: Place,
        what: &Told,
        (organization, has_own_name): (Option<&str>, bool),
        subject: Option<Subject>,
    ) {
        let is_it = |one: &OrganizationPlan| organization.is_none_or(|id| one.id == id);
        let Some(index) = self.plan.organizations.iter().position(is_it) else { return };
        let by_itself = |one: Subject| Subject { common_name: one.common_name, ..sound() };
        let Err(error) = named(subject.map(by_itself)) else { return };
        let member = Place { table: ORGANIZATION, index, member: "registered_name" };
        if has_own_name {
            self.misfit(place, what.colon(error.told()));
        } else if !self.is_told(member) {
            let named = told!(": registered_name, from which ", ": registered_name から ").then(what.clone());
            let named = named.then(told!(" is named: ", " の名前が作られます: ")).then(error.told());
            self.misfit(member, of_organization(&self.plan.organizations[index].id).then(named));
        }
    }

    /// Organisation and authority are there, and the authority signs at the start, for as long as is asked for.
    fn holder(&mut self, holder: &Holder<'_>) {
        let Holder { table, index, what, .. } = holder;
        let (plan, start) = (self.plan, self.start);
        let at = |member| Place { table, index: *index, member };
        if let Some(id) = holder.organization.filter(|id| plan.organization(Some(id)).is_none()) {
            let known = plan.organizations.iter().map(|one| one.id.as_str());
            let told = what.then(told!(": there is no organization {id:?}", ": 組織 {id:?} はありません"));
            self.unknown(at("organization"), told, id, known);
        }
        let Some(id) = holder.authority else { return };
        let name = id.as_str();
        let Some(place) = plan.authorities.iter().position(|one| one.id == *id) else {
            let known = plan.authorities.iter().map(|one| one.id.as_str());
            let told = what.then(told!(": there is no authority {name:?}", ": 認証局 {name:?} はありません"));
            return self.unknown(at("authority"), told, name, known);
        };
        let cause = |member| Some(Place { table: "authority", index: place, member });
        let path = self.depths.get(id).copied().unwrap_or_default();
        if path > LONGEST_PATH {
            let told = told!(
                ": {path} authorities stand above it; the verifier follows {LONGEST_PATH}",
                ": 上に認証局が {path} 段あります。検証がたどれるのは {LONGEST_PATH} 段までです"
            );
            self.misfit_since(at("authority"), cause("parent"), what.then(told));
        }
        let Some(all) = self.validities.of(id).filter(|_| self.authorities_are_sound) else { return };
        let Some(issuer) = self.validities.signing_at(id, start) else {
            let (begins, ends) = (all.begins, all.ends);
            let told = told!(
                ": the authority {name:?} is valid from {begins} to {ends}, and certifies nothing at the start, {start}",
                ": 認証局 {name:?} の有効期間は {begins} から {ends} で、開始時刻 {start} には何も認証できません"
            );
            return self.misfit_since(at("authority"), cause("validity"), what.then(told));
        };
        let is_positive = self.positive(at("validity"), what, holder.validity);
        let Some(validity) = holder.validity.filter(|_| is_positive) else { return };
        if !self.within_years(at("validity"), what, validity, start) {
            return;
        }
        let ends = last_second(validity, start);
        if ends > issuer.ends {
            self.misfit(at("validity"), what.then(outside(ends, name, issuer)));
        }
    }

    fn organization(&mut self, index: usize, organization: &OrganizationPlan) {
        let at = |member| Place { table: ORGANIZATION, index, member };
        let what = of_organization(&organization.id);
        if !is_id(&organization.id) {
            self.misfit(at("id"), what.colon(id_rule()));
        }
        let texts = [
            ("name_ja", &organization.name_ja),
            ("name_en", &organization.name_en),
            ("signatory_ja", &organization.signatory_ja),
            ("signatory_en", &organization.signatory_en),
        ];
        for (member, text) in texts {
            if text.trim().is_empty() || text.contains(world::text::is_hidden) {
                let told = told!(
                    ": {member}: wanted a text without control characters and characters that cannot be seen; found {text:?}",
                    ": {member}: 制御文字や見えない文字のない文章を書きます（{text:?} と書かれています）"
                );
                self.misfit(at(member), what.then(told));
            }
            let (most, found) = (longest(member), text.chars().count());
            if found > most {
                let told = told!(
                    ": {member}: wanted at most {most} characters, for which every certificate has room; found {found}",
                    ": {member}: 証明書に収まるのは {most} 文字までです（{found} 文字書かれています）"
                );
                self.misfit(at(member), what.then(told));
            }
        }
        if let Err(error) = SealText::from_columns(&organization.seal) {
            self.misfit(at("seal"), what.colon(error.told()));
        }
        let pictures = [
            ("seal_picture", picture::within(organization.seal_picture.as_deref(), SealPicture::from_png).err()),
            ("logo", picture::within(organization.logo.as_deref(), Logo::from_png).err()),
        ];
        for (member, error) in pictures {
            if let Some(error) = error {
                self.misfit(at(member), what.colon(Told::alike(member)).colon(error.told()));
            }
        }
        if CertificateNumber::new(&organization.number_prefix, 2026, 1).is_err() {
            let found = &organization.number_prefix;
            let told = told!(
                ": number_prefix: wanted 2 to 8 letters A-Z and digits, a letter first; found {found:?}",
                ": number_prefix: 英大文字で始まる 2〜8 文字の英大文字と数字です（{found:?} と書かれています）"
            );
            self.misfit(at("number_prefix"), what.then(told));
        }
        self.subject(at("registered_name"), &what, "registered_name", &organization.subject("e-seal".into()));
        self.credential_of(index, organization, CredentialProfile::Seal);
        self.credential_of(index, organization, CredentialProfile::Badge);
    }

    /// An organisation has a credential for seals, and one for badges.
    fn credential_of(&mut self, index: usize, organization: &OrganizationPlan, profile: CredentialProfile) {
        let plan = self.plan;
        let (member, named, word) = match profile {
            CredentialProfile::Seal => ("credential", &organization.credential, "seal"),
            CredentialProfile::Badge => ("badge_credential", &organization.badge_credential, "badge"),
        };
        let at = Place { table: ORGANIZATION, index, member };
        let what = of_organization(&organization.id);
        match (plan.credential_of(organization, profile), named) {
            (Some(found), _) if found.profile == profile => {}
            (_, Some(id)) => {
                let known: BTreeSet<&str> =
                    plan.credentials.iter().filter(|one| one.profile == profile).map(|one| one.id.as_str()).collect();
                let told = told!(
                    ": {member}: no {word} credential is {id:?}",
                    ": {member}: {id:?} という {word} のクレデンシャルはありません"
                );
                self.unknown(at, what.then(told), id, known.into_iter());
            }
            (_, None) => {
                let id = &organization.id;
                let told = told!(
                    " has no {word} credential: add a [[credential]] with profile = {word:?} and organization = {id:?}",
                    " には {word} のクレデンシャルがありません。profile = {word:?}、organization = {id:?} の [[credential]] を書きます"
                );
                self.misfit(at, what.then(told));
            }
        }
    }
}

/// How many characters a printed text of an organisation has at most.
pub(in crate::plan) fn longest(member: &str) -> usize {
    if member.ends_with("_en") { Organization::LONGEST_EN } else { Organization::LONGEST_JA }
}

fn id_rule() -> Told {
    told!(
        "wanted 1 to 40 of a-z, 0-9 and -, and no - at the beginning",
        "id は、- 以外で始まる 40 文字以内の英小文字・数字・ハイフンです"
    )
}

fn is_id(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(fine) && !text.starts_with('-')
}
