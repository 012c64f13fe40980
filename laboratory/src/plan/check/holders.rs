//! Who has end certificates: credentials, time-stamping units, and the organisations that they name.

use std::collections::BTreeSet;

use ca::AuthorityId;
use issuer::{CertificateNumber, Logo, SealPicture, SealText};
use pki::{KeyAlgorithm, KeyKind, RsaPadding};
use world::time::Duration;

use super::super::validity::last_second;
use super::super::{CredentialPlan, CredentialProfile, OrganizationPlan, UnitPlan};
use super::{Check, named};
use crate::plan::picture;
use crate::plan::read::Place;

/// How many authorities may stand above an end certificate: `pki::path` follows paths of ten certificates.
const LONGEST_PATH: usize = 9;

const CREDENTIAL: &str = "credential";
const UNIT: &str = "time_stamping_unit";
const ORGANIZATION: &str = "organization";

pub(super) fn check(check: &mut Check<'_>) {
    let plan = check.plan;
    check.no_name_twice(CREDENTIAL, "id", plan.credentials.iter().map(|one| one.id.as_str()), "credential");
    check.no_name_twice(UNIT, "name", plan.units.iter().map(|one| one.name.as_str()), "time-stamping unit");
    check.no_name_twice(ORGANIZATION, "id", plan.organizations.iter().map(|one| one.id.as_str()), "organization");
    let prefixes = plan.organizations.iter().map(|one| one.number_prefix.as_str());
    check.no_name_twice(ORGANIZATION, "number_prefix", prefixes, "number prefix");
    for (index, organization) in plan.organizations.iter().enumerate() {
        check.organization(index, organization);
    }
    for (index, credential) in plan.credentials.iter().enumerate() {
        check.credential(index, credential);
    }
    for (index, unit) in plan.units.iter().enumerate() {
        check.unit(index, unit);
    }
}

/// What every end certificate has.
struct Holder<'a> {
    table: &'static str,
    index: usize,
    what: String,
    organization: Option<&'a str>,
    authority: Option<&'a AuthorityId>,
    validity: Option<Duration>,
}

impl Check<'_> {
    fn credential(&mut self, index: usize, credential: &CredentialPlan) {
        let at = |member| Place { table: CREDENTIAL, index, member };
        let what = format!("credential {:?}", credential.id);
        if !is_id(&credential.id) {
            self.misfit(at("id"), format!("{what}: {ID_RULE}"));
        }
        if let Some(index) = self.plan.units.iter().position(|unit| unit.name.as_str() == credential.id) {
            let message = format!("{what}: a time-stamping unit has that name, and `renew` takes either's");
            self.misfit_since(at("id"), Some(Place { table: UNIT, index, member: "name" }), message);
        }
        let KeyAlgorithm { kind, padding } = credential.algorithm;
        let wanted = match (credential.profile, kind) {
            (_, _) if !credential.algorithm.signs_digests() => {
                Some("signs digests: P-256, P-384, P-521 or RSA-2048, RSA-3072, RSA-4096")
            }
            (_, KeyKind::Rsa { .. }) if padding == RsaPadding::Pss => {
                Some("is named without -PSS: with which padding it signs, each request says")
            }
            (CredentialProfile::Badge, KeyKind::Rsa { .. }) | (CredentialProfile::Seal, _) => None,
            (CredentialProfile::Badge, _) => Some("signs badges with RS256: RSA-2048, RSA-3072 or RSA-4096"),
        };
        if let Some(wanted) = wanted {
            let message = format!("{what}: wanted a key that {wanted}; found {}", credential.algorithm);
            self.misfit(at("algorithm"), message);
        }
        self.subject(at("common_name"), &what, named(self.plan.subject_of_credential(credential)));
        self.holder(&Holder {
            table: CREDENTIAL,
            index,
            what,
            organization: credential.organization.as_deref(),
            authority: credential.authority.as_ref(),
            validity: credential.validity,
        });
    }

    fn unit(&mut self, index: usize, unit: &UnitPlan) {
        let at = |member| Place { table: UNIT, index, member };
        let what = format!("time-stamping unit {:?}", unit.name.as_str());
        if !unit.algorithm.signs_digests() {
            let message =
                format!("{what}: wanted a key that signs digests; found {}, which is for authorities", unit.algorithm);
            self.misfit(at("algorithm"), message);
        }
        self.subject(at("common_name"), &what, named(self.plan.subject_of_unit(unit)));
        self.holder(&Holder {
            table: UNIT,
            index,
            what,
            organization: unit.organization.as_deref(),
            authority: unit.authority.as_ref(),
            validity: unit.validity,
        });
    }

    /// Organisation and authority are there, and the authority signs at the start, for as long as is asked for.
    fn holder(&mut self, holder: &Holder<'_>) {
        let Holder { table, index, what, .. } = holder;
        let plan = self.plan;
        let at = |member| Place { table, index: *index, member };
        if let Some(id) = holder.organization.filter(|id| plan.organization(Some(id)).is_none()) {
            let known = plan.organizations.iter().map(|one| one.id.as_str());
            self.unknown(at("organization"), format!("{what}: there is no organization {id:?}"), id, known);
        }
        let Some(id) = holder.authority.or(plan.default_authority().map(|one| &one.id)) else { return };
        let Some(place) = plan.authorities.iter().position(|one| one.id == *id) else {
            let known = plan.authorities.iter().map(|one| one.id.as_str());
            let message = format!("{what}: there is no authority {:?}", id.as_str());
            return self.unknown(at("authority"), message, id.as_str(), known);
        };
        let cause = |member| Some(Place { table: "authority", index: place, member });
        let path = plan.path_from(id).len();
        if path > LONGEST_PATH {
            let message = format!("{what}: {path} authorities stand above it; the verifier follows {LONGEST_PATH}");
            self.misfit_since(at("authority"), cause("parent"), message);
        }
        let Some(all) = self.validities.of(id).filter(|_| self.authorities_are_sound) else { return };
        let Some(issuer) = self.validities.signing_at(id, self.start) else {
            let message = format!(
                "{what}: the authority {:?} is valid from {} to {}, and certifies nothing at the start, {}",
                id.as_str(),
                all.begins,
                all.ends,
                self.start
            );
            return self.misfit_since(at("authority"), cause("validity"), message);
        };
        let is_positive = self.positive(at("validity"), what, holder.validity);
        let Some(validity) = holder.validity.filter(|_| is_positive) else { return };
        let ends = last_second(validity, self.start);
        if ends > issuer.ends {
            let message = format!(
                "{what} is valid until {ends}, outside the validity of {:?}, which certifies it: {} to {}",
                id.as_str(),
                issuer.begins,
                issuer.ends
            );
            self.misfit(at("validity"), message);
        }
    }

    fn organization(&mut self, index: usize, organization: &OrganizationPlan) {
        let at = |member| Place { table: ORGANIZATION, index, member };
        let what = format!("organization {:?}", organization.id);
        if !is_id(&organization.id) {
            self.misfit(at("id"), format!("{what}: {ID_RULE}"));
        }
        let texts = [
            ("name_ja", &organization.name_ja),
            ("name_en", &organization.name_en),
            ("signatory_ja", &organization.signatory_ja),
            ("signatory_en", &organization.signatory_en),
        ];
        for (member, text) in texts {
            if text.trim().is_empty() || text.contains(world::text::is_hidden) {
                let wanted = "wanted a text without control characters and characters that cannot be seen";
                self.misfit(at(member), format!("{what}: {member}: {wanted}; found {text:?}"));
            }
        }
        if let Err(error) = SealText::from_columns(&organization.seal) {
            self.misfit(at("seal"), format!("{what}: {error}"));
        }
        let pictures = [
            ("seal_picture", picture::within(organization.seal_picture.as_deref(), SealPicture::from_png).err()),
            ("logo", picture::within(organization.logo.as_deref(), Logo::from_png).err()),
        ];
        for (member, error) in pictures {
            if let Some(error) = error {
                self.misfit(at(member), format!("{what}: {member}: {error}"));
            }
        }
        if CertificateNumber::new(&organization.number_prefix, 2026, 1).is_err() {
            let wanted = "wanted 2 to 8 letters A-Z and digits, a letter first";
            let message = format!("{what}: number_prefix: {wanted}; found {:?}", organization.number_prefix);
            self.misfit(at("number_prefix"), message);
        }
        let own = organization.subject("e-seal".into());
        self.subject(at("registered_name"), &what, named(Some(own)));
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
        let what = format!("organization {:?}", organization.id);
        match (plan.credential_of(organization, profile), named) {
            (Some(found), _) if found.profile == profile => {}
            (_, Some(id)) => {
                let known: BTreeSet<&str> =
                    plan.credentials.iter().filter(|one| one.profile == profile).map(|one| one.id.as_str()).collect();
                let message = format!("{what}: {member}: no {word} credential is {id:?}");
                self.unknown(at, message, id, known.into_iter());
            }
            (_, None) => {
                let message = format!(
                    "{what} has no {word} credential: add a [[credential]] with profile = {word:?} and organization = {:?}",
                    organization.id
                );
                self.misfit(at, message);
            }
        }
    }
}

const ID_RULE: &str = "wanted 1 to 40 of a-z, 0-9 and -, and no - at the beginning";

fn is_id(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(fine) && !text.starts_with('-')
}
