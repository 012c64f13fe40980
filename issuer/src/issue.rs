//! The way of a certificate: completion data in, sealed certificate with its badge out.

use std::sync::Arc;

use jiff::Timestamp;
use pades::{Document, Placement};
use pki::DigestAlgorithm;
use sealing::{ATTEMPTS, Crossing, Crossings, EarlierSeals, Level, SealOptions, Sealed, Sealer, Services, Source};
use world::World;
use world::problem::Problem;

use crate::api::{Gap, Gaps, GapsQuery, IssuedSummary, JsonWebKey};
use crate::badge::{BadgeCredential, BadgeKey, BadgePicture, SignedBadge, SigningInput};
use crate::batch::Works;
use crate::completion::Completion;
use crate::crossings::{SentForOne, SentForRows};
use crate::error::Error;
use crate::font::Typefaces;
use crate::hold::Holds;
use crate::identity::Identity;
use crate::number::CertificateNumber;
use crate::numbering::Numbering;
use crate::settings::{self, Organization, Secret, Settings};
use crate::store::{self, Beside, Issued, ToKeep};
use crate::template::{LaidOut, SEAL_FIELD, Template};
use crate::{crossings, search};

/// The issuer of one world. Cheap to clone.
#[derive(Clone)]
pub struct Issuer {
    pub(crate) world: World,
    /// In whose name it issues.
    pub(crate) settings: Arc<Settings>,
    /// Every organization of the world, the one by default first.
    pub(crate) organizations: Arc<[Arc<Settings>]>,
    pub(crate) sealer: Sealer,
    /// What is done for one certificate or message at a time.
    pub(crate) holds: Holds,
    numbering: Numbering,
    pub(crate) typefaces: Arc<Typefaces>,
    pub(crate) picture: BadgePicture,
    /// What is done about the world's batches.
    pub(crate) works: Arc<Works>,
}

impl Issuer {
    /// Opens the issuer of a world, in which these organizations issue; the first does when none is named. Fonts are read once, here. The secret is kept by the caller, since whatever lies in the
    /// database in the clear guards nothing: see [`Issuer::plain_secret`].
    ///
    /// # Errors
    /// [`Error::World`] if the world's database cannot be used; [`Error::Setting`] if its base is no address, there is no organization,
    /// or two of them have one id or one prefix of numbers.
    pub async fn open(
        world: &World,
        services: &Services,
        organizations: Vec<Organization>,
        secret: Secret,
    ) -> Result<Issuer, Error> {
        let organizations = settings::of_a_world(organizations, &world.base, &secret)?;
        store::migrate(&world.store).await?;
        search::store::complete(&world.store, &organizations[0].organization().id).await?;
        Ok(Issuer {
            world: world.clone(),
            numbering: Numbering::new(&world.store),
            holds: Holds::new(&world.store),
            settings: organizations[0].clone(),
            organizations: organizations.into(),
            sealer: Sealer::new(world, services),
            typefaces: Arc::new(Typefaces::at_hand()?),
            picture: BadgePicture::bundled()?,
            works: Arc::default(),
        })
    }

    /// The secret of a world made by an earlier version, which kept it in the clear.
    ///
    /// # Errors
    /// [`Error::World`] and [`Error::Database`] if the world's database cannot be used.
    pub async fn plain_secret(world: &World) -> Result<Option<[u8; 32]>, Error> {
        store::migrate(&world.store).await?;
        store::plain_secret(&world.store).await
    }

    /// Wipes that secret out of the database, once it is kept elsewhere.
    ///
    /// # Errors
    /// [`Error::World`] and [`Error::Database`] if the world's database cannot be written.
    pub async fn forget_plain_secret(world: &World) -> Result<(), Error> {
        store::forget_plain_secret(&world.store).await
    }

    /// The same issuer as client of other services.
    pub fn with_services(&self, services: &Services) -> Issuer {
        Issuer { sealer: Sealer::new(&self.world, services), ..self.clone() }
    }

    /// The same issuer, which seals also with a certificate that is revoked or on hold, at levels without evidence: so that it can be
    /// judged.
    pub fn with_whatever_certificate(&self) -> Issuer {
        Issuer { sealer: self.sealer.with_whatever_certificate(), ..self.clone() }
    }

    /// The same issuer in the name of the organization with that id, or of the first one.
    ///
    /// # Errors
    /// [`Error::UnknownOrganization`], with the ids that there are.
    pub fn in_the_name_of(&self, organization: Option<&str>) -> Result<Issuer, Error> {
        let Some(id) = organization else {
            return Ok(Issuer { settings: self.organizations[0].clone(), ..self.clone() });
        };
        match self.organizations.iter().find(|settings| settings.organization().id == id) {
            Some(settings) => Ok(Issuer { settings: settings.clone(), ..self.clone() }),
            None => {
                let known: Vec<&str> = self.organizations().map(|organization| organization.id.as_str()).collect();
                Err(Error::UnknownOrganization { found: id.to_owned(), known: known.join(", ") })
            }
        }
    }

    /// The same issuer, which remembers the lines that it has set: for many certificates one after the other.
    pub(crate) fn remembering(&self) -> Issuer {
        Issuer { typefaces: Arc::new(self.typefaces.remembering()), ..self.clone() }
    }

    /// Every organization of the world, the one by default first.
    pub fn organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.iter().map(|settings| settings.organization())
    }

    /// Issues one certificate: the number is taken first, and the certificate kept before it is given out. When it fails, the
    /// number waits for the next attempt at the same certificate.
    ///
    /// # Errors
    /// What is wrong with the completion data; otherwise as [`Sealer::seal`].
    pub async fn issue(
        &self,
        completion: &Completion,
        level: Level,
        credential: Option<&str>,
    ) -> Result<Issued, Error> {
        self.issue_beside(completion, level, credential, None).await
    }

    /// The same, with what is kept in one transaction with the certificate.
    pub(crate) async fn issue_beside(
        &self,
        completion: &Completion,
        level: Level,
        credential: Option<&str>,
        beside: Option<Beside<'_>>,
    ) -> Result<Issued, Error> {
        let template = self.template(completion.template()).await?;
        self.issue_by((completion, &template), level, credential, beside).await
    }

    /// The same by that version of the template that the data name.
    pub(crate) async fn issue_by(
        &self,
        (completion, template): (&Completion, &Template),
        level: Level,
        credential: Option<&str>,
        beside: Option<Beside<'_>>,
    ) -> Result<Issued, Error> {
        let at = self.now();
        let days = completion.days(at)?;
        if let Some(problem) = template.problems(completion).into_iter().next() {
            return Err(problem);
        }
        self.check_printable((completion, template), at)?;
        let (prefix, year) = (self.settings.number_prefix(), days.issued_on.year());
        let held = self.numbering.take(prefix, completion, year, at).await?;
        let sent = Crossings::default();
        let issuer = self.taken_down(&sent).by_chance();
        let issued =
            issuer.issue_as(&held.number, (completion, template), (level, credential), at, (&sent, beside)).await;
        if let Err(problem) = &issued {
            self.numbering.failed(&held, problem).await;
            self.keep_crossings(&held.number, &sent.all()).await;
        }
        issued
    }

    /// The same issuer, of whose requests to the key server it is taken down what is sent.
    pub(crate) fn taken_down(&self, sent: &Crossings) -> Issuer {
        Issuer { sealer: self.sealer.taken_down(sent), ..self.clone() }
    }

    /// The same issuer with codes of its own for what it makes now.
    pub(crate) fn by_chance(&self) -> Issuer {
        Issuer { settings: Arc::new(self.settings.by_chance()), ..self.clone() }
    }

    async fn issue_as(
        &self,
        number: &CertificateNumber,
        (completion, template): (&Completion, &Template),
        (level, credential): (Level, Option<&str>),
        at: Timestamp,
        (sent, beside): (&Crossings, Option<Beside<'_>>),
    ) -> Result<Issued, Error> {
        // Nothing is signed for what cannot be printed.
        let laid_out = self.laid_out((completion, template), number, at)?;
        let badge = match template.has_badge() {
            true => Some(self.badge(completion, number, at).await?),
            false => None,
        };
        let signed = badge.as_ref().map(|(badge, _)| badge);
        let document = self.unsealed(laid_out, (completion, template), number, signed, at)?;
        let sealed = self.sealer.seal(&document, &self.seal_options(level, credential)).await?;
        let issued = self.issued((completion, template), number, at, signed, sealed);
        let to_keep = ToKeep {
            issued: &issued,
            identifier: &completion.recipient().identifier,
            valid_until: completion.valid_until(),
            badge: badge.as_ref().map(|(badge, key)| (badge.credential().picture(), key)),
            sent: &sent.all(),
            beside,
            at: self.now(),
        };
        let identity = Identity::of(&self.settings.organization().id, completion).under(template.version());
        store::save(&self.world.store, &to_keep, &identity).await?;
        Ok(issued)
    }

    /// Whether all of it can be printed, known before it has a number.
    fn check_printable(&self, (completion, template): (&Completion, &Template), at: Timestamp) -> Result<(), Error> {
        template.check(completion, &self.picture_for(completion)?, &self.settings, &self.typefaces, at)
    }

    /// The certificate before its badge is signed.
    pub(crate) fn laid_out(
        &self,
        (completion, template): (&Completion, &Template),
        number: &CertificateNumber,
        at: Timestamp,
    ) -> Result<LaidOut, Error> {
        template.lay_out(completion, number, &self.settings, &self.typefaces, at)
    }

    /// The certificate before it is sealed.
    pub(crate) fn unsealed(
        &self,
        laid_out: LaidOut,
        (completion, template): (&Completion, &Template),
        number: &CertificateNumber,
        badge: Option<&SignedBadge>,
        at: Timestamp,
    ) -> Result<Document, Error> {
        let (settings, typefaces) = (&self.settings, &self.typefaces);
        let rendered = template.render_laid_out(laid_out, (completion, number), badge, settings, typefaces, at)?;
        Ok(Document::parse(rendered.pdf).map_err(sealing::Error::from)?)
    }

    /// How certificates are sealed.
    pub(crate) fn seal_options<'a>(&'a self, level: Level, credential: Option<&'a str>) -> SealOptions<'a> {
        SealOptions {
            placement: Placement::Field(SEAL_FIELD),
            level,
            credential: credential.unwrap_or(&self.settings.organization().seal_credential),
            reason: None,
            certify: None,
            source: Source::Rendered,
            earlier_seals: EarlierSeals::MustStand,
        }
    }

    /// Keeps what the key server was sent for an attempt that failed. That it could not be kept is logged: the failure itself is what
    /// the caller is told.
    async fn keep_crossings(&self, number: &CertificateNumber, sent: &[Crossing]) {
        if let Err(error) = crossings::keep(&self.world.store, number, sent).await {
            tracing::warn!(%number, %error, "what the key server was sent could not be recorded");
        }
    }

    /// What the key server was sent for a certificate, or for a number without one, request by request.
    ///
    /// # Errors
    /// [`Error::NumberMalformed`] and [`Error::NumberCheck`] for what is no number; [`Error::Database`].
    pub async fn crossings(&self, number: &str) -> Result<SentForOne, Error> {
        crossings::of_certificate(&self.world.store, &number.parse()?).await
    }

    /// What the key server was sent for rows of a batch, of each request the first row after one place, and not after another.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn crossings_of_rows(&self, batch: i64, after: i64, to: i64) -> Result<SentForRows, Error> {
        crossings::of_rows(&self.world.store, batch, after, to).await
    }

    /// The certificate whose seal has that message digest (lower hex), whatever came to its file later.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn number_of(&self, document_digest: &str) -> Result<Option<String>, Error> {
        search::store::by_document_digest(&self.world.store, document_digest).await
    }

    /// Every number that was taken and has no certificate, in their order.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn gaps(&self) -> Result<Vec<Gap>, Error> {
        self.numbering.gaps().await
    }

    /// A page of them.
    ///
    /// # Errors
    /// 400 for a limit or a number that is none.
    pub async fn gaps_page(&self, query: &GapsQuery) -> Result<Gaps, Problem> {
        const MOST: u32 = 1000;
        let limit = query.limit.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::bad_request(format!("limit: wanted 1 to {MOST}, found {limit}")));
        }
        let after: Option<CertificateNumber> = query
            .after
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|error: Error| Problem::bad_request(format!("after: {error}")))?;
        let (gaps, more) = self.numbering.gaps_after(after.as_ref(), limit).await?;
        let next = gaps.last().filter(|_| more).map(|gap| gap.number.clone());
        Ok(Gaps { gaps, next })
    }

    /// What is known of a number without a certificate; none if it was never taken, or has one.
    ///
    /// # Errors
    /// [`Error::NumberMalformed`] and [`Error::NumberCheck`] for what is no number; [`Error::Database`].
    pub async fn gap(&self, number: &str) -> Result<Option<Gap>, Error> {
        self.numbering.find(&number.parse()?).await
    }

    /// Gives a number up that waits for its certificate: no certificate will have it.
    ///
    /// # Errors
    /// [`Error::NotWaiting`] if it does not wait; [`Error::NumberMalformed`] and [`Error::NumberCheck`] for what is no number.
    pub async fn give_up(&self, number: &str, reason: &str) -> Result<Gap, Error> {
        let at = world::time::whole_seconds(self.world.clock.now());
        self.numbering.give_up(&number.parse()?, reason, at).await
    }

    /// What it seals with.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The newest certificates, newest first.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn newest(&self, limit: u32) -> Result<Vec<IssuedSummary>, Error> {
        store::newest(&self.world.store, &self.organizations[0], limit).await
    }

    /// The certificate of that number.
    ///
    /// # Errors
    /// [`Error::NumberMalformed`] and [`Error::NumberCheck`] for what is no number, [`Error::NumberUnknown`] if it was not issued
    /// here.
    pub async fn find(&self, number: &str) -> Result<Issued, Error> {
        let number: CertificateNumber = number.parse()?;
        let found = store::find(&self.world.store, &self.organizations[0], &number).await?;
        found.ok_or_else(|| Error::NumberUnknown { number: number.to_string() })
    }

    /// A public key of badges as a JWK whose `kid` is its address: by the thumbprint that stands in every badge, or by the name of
    /// the credential of an organization, the key that signs its badges at the world's time.
    ///
    /// # Errors
    /// [`Error::Sealing`] if the key server does not answer, [`Error::BadgeToken`] if its key is not fit for badges.
    pub async fn badge_key(&self, name: &str) -> Result<Option<JsonWebKey>, Error> {
        let public = if self.organizations().any(|organization| organization.badge_credential == name) {
            Some(self.sealer.key_server().credential(name).await?.chain[0].public_key())
        } else {
            store::badge_key(&self.world.store, name).await?
        };
        public.map(|public| Ok(BadgeKey::new(public)?.json_web_key(self.settings.key_address(name)))).transpose()
    }

    /// The badge picture with that SHA-256, if a badge issued here shows it.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn picture(&self, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
        if self.picture.sha256() == sha256 {
            return Ok(Some(self.picture.png().to_vec()));
        }
        store::picture(&self.world.store, sha256).await
    }

    /// The picture that the badge for a completion shows.
    pub(crate) fn picture_for(&self, completion: &Completion) -> Result<BadgePicture, Error> {
        self.picture.for_completion(completion)
    }

    /// The badge as VC-JWT, RS256, signed by the key server (Open Badges 3.0 clause 8.2).
    pub(crate) async fn badge(
        &self,
        completion: &Completion,
        number: &CertificateNumber,
        at: Timestamp,
    ) -> Result<(SignedBadge, BadgeKey), Error> {
        let (picture, key_server) = (self.picture_for(completion)?, self.sealer.key_server());
        let badge_credential = &self.settings.organization().badge_credential;
        for _ in 0..ATTEMPTS {
            let begun = self.world.clock.state();
            let credential = match key_server.credential(badge_credential).await {
                Err(_) if self.world.clock.state().was_set_since(&begun) => continue, // past an access token's end
                credential => credential?,
            };
            let unsigned = BadgeCredential::new(completion, number, &self.settings, &picture, at)?;
            let key = BadgeKey::new(credential.chain[0].public_key())?;
            let input = SigningInput::new(unsigned, &self.settings.key_address(&key.thumbprint()));
            let signature = match key_server.sign(&credential, input.algorithm(), &input.digest()).await {
                Err(_) if self.world.clock.state().was_set_since(&begun) => continue, // such as past an authorization's end
                signed => signed?,
            };
            match key.public().verify(input.algorithm(), &input.digest(), &signature.value) {
                Err(_) if key_server.is_renewed(&credential).await => {} // signed with the new key already
                Ok(()) if signature.warning.is_some() && key_server.is_renewed(&credential).await => {}
                verified => {
                    self.sealer.check_warned(signature.warning.is_some(), &credential).await?;
                    return Ok(verified.map(|()| (input.assemble(&signature.value), key))?);
                }
            }
        }
        Err(sealing::Error::Renewing { credential: badge_credential.clone() }.into())
    }

    pub(crate) fn issued(
        &self,
        (completion, template): (&Completion, &Template),
        number: &CertificateNumber,
        at: Timestamp,
        badge: Option<&SignedBadge>,
        sealed: Sealed,
    ) -> Issued {
        let (title_ja, title_en) = template.title();
        let (name_ja, name_en) = match completion.achievement() {
            Some(achievement) => (achievement.name_ja.as_str(), achievement.name_en.as_str()),
            None => (title_ja, title_en),
        };
        let summary = IssuedSummary {
            achievement_en: name_en.to_owned(),
            achievement_ja: name_ja.to_owned(),
            address: self.settings.certificate_address(number),
            badge: badge.map(|_| self.settings.badge_address(number)),
            confirmation_code: self.settings.confirmation_code(number),
            document_digest: sealed.document_digest.to_string(),
            issued_at: at,
            level: sealed.level,
            number: number.clone(),
            organization: self.settings.organization().id.clone(),
            pdf: self.settings.pdf_address(number),
            recipient: completion.recipient().name.clone(),
            seal_serial: sealed.certificate.serial().to_string(),
            sent_digest: sealed.sent_digest.to_string(),
            sha256: DigestAlgorithm::Sha256.digest(&sealed.pdf).to_string(),
            template: template.id().to_owned(),
            template_version: template.version(),
            time_stamp: sealed.time_stamp,
        };
        let completion = serde_json::to_string(completion).expect("completion data came from JSON");
        Issued {
            summary,
            completion,
            badge: badge.map(|badge| badge.compact().to_owned()).unwrap_or_default(),
            pdf: sealed.pdf,
        }
    }
}
