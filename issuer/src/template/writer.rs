//! Writing the page through krilla, which checks PDF/A-3a and PDF/UA-1 while it writes. In: everything on the page. Out: the PDF
//! without signature fields, and its texts.

use jiff::Timestamp;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{Identifier, TagTree};
use krilla::{Document, SerializeSettings};

use super::foot::{Address, Foot};
use super::node::Node;
use super::sheet::{PAGE_HEIGHT, PAGE_WIDTH};
use super::{body, head, ornament, words};
use crate::badge::SignedBadge;
use crate::completion::{Completion, Days, japanese_offset};
use crate::error::Error;
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::settings::Settings;

/// File name of the badge in the PDF.
pub const BADGE_ATTACHMENT: &str = "badge.jwt";

/// Everything on the page.
pub(super) struct Page<'a> {
    pub(super) completion: &'a Completion,
    pub(super) number: &'a CertificateNumber,
    pub(super) days: &'a Days,
    pub(super) badge: &'a SignedBadge,
    pub(super) settings: &'a Settings,
    pub(super) typefaces: &'a Typefaces,
    pub(super) at: Timestamp,
}

/// The page as PDF without signature fields.
pub(super) struct Written {
    pub(super) pdf: Vec<u8>,
    pub(super) texts: Vec<String>,
    /// Where the seal is to be, in PDF coordinates.
    pub(super) seal_rectangle: [f32; 4],
}

impl Page<'_> {
    pub(super) fn write(&self) -> Result<Written, Error> {
        let mut document = Document::new_with(serialize_settings()?);
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| refused("no page size"))?;
        let mut page = document.start_page_with(settings);
        let foot = Foot { number: self.number, days: self.days, settings: self.settings, typefaces: self.typefaces };
        let address = foot.address()?;
        let link = self.link(&mut page, &address)?;

        let mut nodes = head::lay_out(self.number, self.typefaces)?;
        nodes.append(&mut body::lay_out(self.completion, self.days, self.typefaces)?);
        let picture = self.badge.credential().picture().small_image();
        let (mut foot, seal_rectangle) = foot.lay_out(address, link, picture)?;
        nodes.append(&mut foot);
        let mut texts = Vec::new();
        nodes.iter().for_each(|node| node.collect_texts(&mut texts));

        let mut surface = page.surface();
        ornament::draw(&mut surface, self.typefaces)?;
        let mut tree = TagTree::new().with_lang(Some("ja".to_owned()));
        nodes.into_iter().filter_map(|node: Node| node.draw(&mut surface)).for_each(|tag| tree.push(tag));
        surface.finish();
        page.finish();

        document.set_tag_tree(tree);
        document.set_outline(outline());
        document.set_metadata(self.metadata());
        document.embed_file(self.attachment()?).ok_or_else(|| refused("the attachment was given twice"))?;
        let pdf = document.finish().map_err(|error| refused(&format!("{error:?}")))?;
        Ok(Written { pdf, texts, seal_rectangle })
    }

    fn link(&self, page: &mut krilla::page::Page<'_>, address: &Address) -> Result<Identifier, Error> {
        let rectangle = address.rectangle().ok_or_else(|| refused("the address has no width"))?;
        let target = Target::Action(Action::Link(LinkAction::new(self.settings.certificate_address(self.number))));
        let alternative = "この証明書の検証ページ / Verification page of this certificate".to_owned();
        Ok(page.add_tagged_annotation(Annotation::new_link(LinkAnnotation::new(rectangle, target), Some(alternative))))
    }

    fn metadata(&self) -> Metadata {
        let achievement = self.completion.achievement();
        let title = format!("{} {} – {} / {}", words::TITLE_JA, self.number, achievement.name_ja, achievement.name_en);
        Metadata::new()
            .title(title)
            .description(format!("{} – {}", words::NOTICE_JA, words::NOTICE_EN))
            .authors(vec![self.settings.organization().name_ja.clone()])
            .creator("eseal issuer".to_owned())
            .producer("krilla".to_owned())
            .language("ja".to_owned())
            .text_direction(TextDirection::LeftToRight)
            .document_id(self.number.to_string())
            .creation_date(date_time(self.at))
    }

    /// The signed badge, as associated file (ISO 19005-3 clause 6.8).
    fn attachment(&self) -> Result<EmbeddedFile, Error> {
        let mime_type = MimeType::new(SignedBadge::MEDIA_TYPE).ok_or_else(|| refused("not a media type"))?;
        Ok(EmbeddedFile {
            path: BADGE_ATTACHMENT.to_owned(),
            mime_type: Some(mime_type),
            description: Some("署名付きオープンバッジ / Signed Open Badge 3.0 (VC-JWT)".to_owned()),
            association_kind: AssociationKind::Supplement,
            data: self.badge.compact().as_bytes().to_vec().into(),
            modification_date: Some(date_time(self.at)),
            compress: Some(true),
            location: None,
        })
    }
}

fn serialize_settings() -> Result<SerializeSettings, Error> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| refused(&format!("{error:?}")))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

/// Bookmarks (ISO 14289-1 clause 7.17).
fn outline() -> Outline {
    let mut outline = Outline::new();
    let entries = [
        (format!("{} / {}", words::TITLE_JA, words::TITLE_EN), 80.0),
        ("内容 / Achievement".to_owned(), 180.0),
        ("発行者と検証 / Issuer and verification".to_owned(), 620.0),
    ];
    for (title, y) in entries {
        outline.push_child(OutlineNode::new(title, XyzDestination::new(0, Point::from_xy(0.0, y))));
    }
    outline
}

/// A time for the PDF, in Japan.
fn date_time(at: Timestamp) -> DateTime {
    let local = japanese_offset().to_datetime(at);
    let small = |value: i8| value.unsigned_abs();
    DateTime::new(local.year().unsigned_abs())
        .month(small(local.month()))
        .day(small(local.day()))
        .hour(small(local.hour()))
        .minute(small(local.minute()))
        .second(small(local.second()))
        .utc_offset_hour(9)
        .utc_offset_minute(0)
}

fn refused(problem: &str) -> Error {
    Error::PdfRefused { problem: problem.to_owned() }
}
