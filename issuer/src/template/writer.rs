//! Writing the pages through krilla, which checks PDF/A-3a and PDF/UA-1 while it writes. In: everything on the pages. Out: the PDF
//! without signature fields, and its texts.

use jiff::Timestamp;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::Point;
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Identifier, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use super::collision::{self, Misplaced};
use super::data::Data;
use super::foot::{Address, Foot};
use super::form::TemplateForm;
use super::node::Node;
use super::phrase::Phrase;
use super::sheet::{PAGE_HEIGHT, PAGE_WIDTH};
use super::{head, ornament, seal_picture, words};
use crate::badge::SignedBadge;
use crate::completion::japanese_offset;
use crate::error::Error;
use crate::font::Typefaces;
use crate::picture::Logo;

/// File name of the badge in the PDF.
pub const BADGE_ATTACHMENT: &str = "badge.jwt";

/// What the pages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be sealed.
    Certificate,
    /// To be looked at.
    Sample,
}

impl Purpose {
    /// What stands above every page, in both languages.
    pub(super) fn notice(self) -> (&'static str, &'static str) {
        match self {
            Self::Certificate => (words::NOTICE_JA, words::NOTICE_EN),
            Self::Sample => (words::SAMPLE_NOTICE_JA, words::SAMPLE_NOTICE_EN),
        }
    }

    /// What stands across every page.
    fn mark(self) -> &'static str {
        match self {
            Self::Certificate => words::WATERMARK,
            Self::Sample => words::SAMPLE_WATERMARK,
        }
    }
}

/// Everything on the pages.
pub(super) struct Sheets<'a> {
    pub(super) data: &'a Data<'a>,
    pub(super) purpose: Purpose,
    pub(super) logo: Option<&'a Logo>,
    /// The picture of the badge, if there is one.
    pub(super) picture: Option<Image>,
    pub(super) badge: Option<&'a SignedBadge>,
    pub(super) typefaces: &'a Typefaces,
    pub(super) at: Timestamp,
}

/// The pages as PDF without signature fields.
pub(super) struct Written {
    pub(super) pdf: Vec<u8>,
    pub(super) texts: Vec<String>,
    pub(super) misplaced: Vec<Misplaced>,
    /// Where the seal is to be, in PDF coordinates.
    pub(super) seal_rectangle: [f32; 4],
}

/// Tags of a document in reading order, which is not that of drawing: the foot is drawn with the first page and read last.
#[derive(Default)]
struct Tags {
    groups: Vec<TagGroup>,
}

impl Tags {
    fn draw(&mut self, nodes: Vec<Node>, surface: &mut Surface<'_>) {
        for node in nodes {
            match node {
                Node::Rest { children } => {
                    let drawn = children.into_iter().filter_map(|child| child.draw(surface));
                    if let Some(group) = self.groups.last_mut() {
                        drawn.for_each(|child| group.push(child));
                    }
                }
                node => self.groups.extend(node.draw(surface)),
            }
        }
    }
}

/// What stands where, before it is drawn.
struct LaidOut {
    head: Vec<Node>,
    /// Of each page.
    bodies: Vec<Vec<Node>>,
    foot: Vec<Node>,
    seal: Option<(f32, f32)>,
}

fn page_settings() -> Result<PageSettings, Error> {
    PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| refused("no page size"))
}

impl Sheets<'_> {
    /// Passes if all of it can be set: its characters are there, and its texts have room. Nothing is drawn.
    pub(super) fn check(self, bodies: Vec<Vec<Node>>) -> Result<(), Error> {
        let mut document = Document::new_with(serialize_settings()?);
        let laid_out = self.lay_out(bodies, &mut document.start_page_with(page_settings()?), false)?;
        laid_out.seal.map(drop).ok_or_else(|| Error::SealPlace { template: self.data.template.id.clone() })
    }

    /// Puts head and foot around the bodies. `is_drawn`: whether it will be.
    fn lay_out(
        &self,
        bodies: Vec<Vec<Node>>,
        page: &mut krilla::page::Page<'_>,
        is_drawn: bool,
    ) -> Result<LaidOut, Error> {
        let (data, typefaces) = (self.data, self.typefaces);
        let foot = Foot { data, typefaces, is_drawn };
        let address = foot.address()?;
        let link = self.link(page, &address)?;
        let head = head::lay_out(data, self.purpose, self.logo, typefaces)?;
        let (foot, seal) = foot.lay_out(address, link, self.picture.clone())?;
        let seal = seal.or_else(|| bodies.first()?.iter().find_map(Node::seal_place));
        Ok(LaidOut { head, bodies, foot, seal })
    }

    /// Writes head, foot, and the bodies of the pages between them.
    pub(super) fn write(self, bodies: Vec<Vec<Node>>) -> Result<Written, Error> {
        let typefaces = self.typefaces;
        typefaces.write_with(|| self.written(bodies))
    }

    fn written(self, bodies: Vec<Vec<Node>>) -> Result<Written, Error> {
        let (data, typefaces) = (self.data, self.typefaces);
        let mut document = Document::new_with(serialize_settings()?);
        let mut page = document.start_page_with(page_settings()?);
        let LaidOut { head, mut bodies, foot, seal } = self.lay_out(bodies, &mut page, true)?;
        let mut texts = Vec::new();
        let all = head.iter().chain(bodies.iter().flatten()).chain(&foot);
        all.for_each(|node| node.collect_texts(&mut texts));
        let edge = ornament::edge(data.template.page.frame);
        let mut misplaced =
            collision::misplaced(1, edge, head.iter().chain(bodies.first().into_iter().flatten()).chain(&foot));

        let (count, further) = (bodies.len(), bodies.split_off(1));
        let (mut read, mut read_last) = (Tags::default(), Tags::default());
        let mut surface = page.surface();
        ornament::draw(&mut surface, typefaces, data.template.page.frame, self.purpose.mark())?;
        read.draw(head, &mut surface);
        read.draw(bodies.pop().unwrap_or_default(), &mut surface);
        read_last.draw(foot, &mut surface);
        if count > 1 {
            read.draw(head::page_foot((1, count), None, typefaces)?, &mut surface);
        }
        surface.finish();
        page.finish();
        let address = data.settings.certificate_address(data.number);
        for (index, nodes) in further.into_iter().enumerate() {
            let mut page = document.start_page_with(page_settings()?);
            let mut surface = page.surface();
            ornament::draw(&mut surface, typefaces, data.template.page.frame, self.purpose.mark())?;
            let again = head::again(data, self.purpose, typefaces)?;
            misplaced.extend(collision::misplaced(index + 2, edge, again.iter().chain(&nodes)));
            read.draw(again, &mut surface);
            read.draw(nodes, &mut surface);
            read.draw(head::page_foot((index + 2, count), Some(&address), typefaces)?, &mut surface);
            surface.finish();
            page.finish();
        }

        let mut tree = TagTree::new().with_lang(Some("ja".to_owned()));
        read.groups.into_iter().chain(read_last.groups).for_each(|tag| tree.push(tag));
        document.set_tag_tree(tree);
        document.set_outline(outline(data.template));
        document.set_metadata(self.metadata());
        if let Some(badge) = self.badge {
            document.embed_file(self.attachment(badge)?).ok_or_else(|| refused("the attachment was given twice"))?;
        }
        let refusal = |error| typefaces.refusal(&error).unwrap_or_else(|| refused(&format!("{error:?}")));
        let pdf = document.finish().map_err(refusal)?;
        let seal = seal.ok_or_else(|| Error::SealPlace { template: data.template.id.clone() })?;
        Ok(Written { pdf, texts, misplaced, seal_rectangle: rectangle(seal) })
    }

    fn link(&self, page: &mut krilla::page::Page<'_>, address: &Address) -> Result<Identifier, Error> {
        let rectangle = address.rectangle().ok_or_else(|| refused("the address has no width"))?;
        let address = self.data.settings.certificate_address(self.data.number);
        let target = Target::Action(Action::Link(LinkAction::new(address)));
        let noun = &self.data.template.noun;
        let alternative = format!("この{}の検証ページ / Verification page of this {}", noun.ja, noun.en);
        Ok(page.add_tagged_annotation(Annotation::new_link(LinkAnnotation::new(rectangle, target), Some(alternative))))
    }

    fn metadata(&self) -> Metadata {
        let (data, template) = (self.data, self.data.template);
        let subject = template.subject.as_deref().and_then(|text| Phrase::parse(text).ok()?.text(data));
        let subject = subject.map(|subject| format!(" – {subject}")).unwrap_or_default();
        let (notice_ja, notice_en) = self.purpose.notice();
        Metadata::new()
            .title(format!("{} {}{subject}", template.head.title.text, data.number))
            .description(format!("{notice_ja} – {notice_en}"))
            .authors(vec![data.settings.organization().name_ja.clone()])
            .creator("eseal issuer".to_owned())
            .producer("krilla".to_owned())
            .language("ja".to_owned())
            .text_direction(TextDirection::LeftToRight)
            .document_id(data.number.to_string())
            .creation_date(date_time(self.at))
    }

    /// The signed badge, as associated file (ISO 19005-3 clause 6.8).
    fn attachment(&self, badge: &SignedBadge) -> Result<EmbeddedFile, Error> {
        let mime_type = MimeType::new(SignedBadge::MEDIA_TYPE).ok_or_else(|| refused("not a media type"))?;
        Ok(EmbeddedFile {
            path: BADGE_ATTACHMENT.to_owned(),
            mime_type: Some(mime_type),
            description: Some("署名付きオープンバッジ / Signed Open Badge 3.0 (VC-JWT)".to_owned()),
            association_kind: AssociationKind::Supplement,
            data: badge.compact().as_bytes().to_vec().into(),
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
fn outline(template: &TemplateForm) -> Outline {
    let mut outline = Outline::new();
    let (head, contents) = (&template.head, &template.page.contents);
    let entries = [
        (format!("{} / {}", head.title.text, head.subtitle.text), head.title.y - 36.0),
        (format!("{} / {}", contents.ja, contents.en), template.page.top + 8.0),
        ("発行者と検証 / Issuer and verification".to_owned(), template.foot.top - 8.0),
    ];
    for (title, y) in entries {
        outline.push_child(OutlineNode::new(title, XyzDestination::new(0, Point::from_xy(0.0, y))));
    }
    outline
}

/// The rectangle of the seal in PDF coordinates (from the lower left corner): left, bottom, right, top.
fn rectangle((left, top): (f32, f32)) -> [f32; 4] {
    let bottom = PAGE_HEIGHT - top - seal_picture::SIDE;
    [left, bottom, left + seal_picture::SIDE, bottom + seal_picture::SIDE]
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
