//! The foot of the first page: badge, QR code, issuer with the place of the seal, closing sentence. In: addresses, names, the badge
//! picture. Out: placed pieces, and the rectangles of the link and of the seal.

mod issuer;

use krilla::geom::{Path, Rect};
use krilla::image::Image;
use krilla::tagging::Identifier;
use validation::Language;

use crate::error::Error;
use crate::font::Typefaces;

use super::data::Data;
use super::form::{FootForm, FootPart};
use super::ink::Ink;
use super::lines::{Line, fit};
use super::node::{Node, Placed, Structure};
use super::phrase::Phrase;
use super::sheet::{CENTER, LEFT, RIGHT};
use super::style::{Style, Weight};
use super::{qr, seal_picture};

/// Side of the badge picture and of the QR code; of a QR code with its texts beside it.
const SIDE: f32 = 84.0;
const SMALL_SIDE: f32 = 58.0;

/// Side of a QR code with its texts beside it if its address is long, as far as there is room above the closing sentences.
const LARGE_SMALL_SIDE: f32 = 62.0;

/// Where the rule above the closing sentences is.
const CLOSING: f32 = 754.0;

/// Distance of the address from what stands beside it, and how wide it may be at all.
const ADDRESS_DISTANCE: f32 = 10.0;
const ADDRESS_WIDTH: f32 = 152.0;

/// Upper end of the seal below that of the foot, its rightmost left end.
const SEAL_TOP: f32 = 9.0;
const SEAL_LEFT: f32 = RIGHT - seal_picture::SIDE + 6.0;

/// What the foot needs to know.
pub(super) struct Foot<'a> {
    pub(super) data: &'a Data<'a>,
    pub(super) typefaces: &'a Typefaces,
    /// Whether it will be drawn. Else it has no code, which is as large for every address, and costs more than the rest.
    pub(super) is_drawn: bool,
}

/// The line with the address, before it is linked.
pub(super) struct Address {
    line: Line,
    x: f32,
    y: f32,
}

/// Where the code is, and where the texts that go with it stand.
#[derive(Clone, Copy)]
enum Verification {
    /// Below it, centred.
    Below { center: f32 },
    /// At its right.
    Beside { left: f32 },
}

/// A left upper corner on the page, in points.
type Corner = (f32, f32);

impl Foot<'_> {
    fn form(&self) -> &FootForm {
        &self.data.template.foot
    }

    fn verification_place(&self) -> Verification {
        let parts = self.form().parts.iter().rev();
        let mut places = parts.filter_map(|part| match part {
            FootPart::Verification(place) => Some(Verification::Below { center: place.x }),
            FootPart::VerificationBeside(place) => Some(Verification::Beside { left: place.x }),
            _ => None,
        });
        places.next().expect("a template that was read has one")
    }

    fn code(&self, address: &str, left: f32, side: f32) -> Result<Path, Error> {
        let top = self.form().top;
        if self.is_drawn { qr::path(address, left, top, side) } else { qr::frame(left, top, side) }
    }

    /// Side of a code with its texts beside it.
    fn side_beside(&self) -> f32 {
        match qr::is_readable(&self.target(), SMALL_SIDE) {
            true => SMALL_SIDE,
            false => LARGE_SMALL_SIDE.min(CLOSING - 1.0 - self.form().top).max(SMALL_SIDE),
        }
    }

    fn target(&self) -> String {
        self.data.settings.certificate_address(self.data.number)
    }

    /// The line with the verification address: whole, else without its scheme, else its host and the number, else the number. The
    /// QR code, the link and the closing sentences have the whole address.
    pub(super) fn address(&self) -> Result<Address, Error> {
        let style = Style::new(Weight::Regular, 7.5, Ink::Navy).smallest(4.8);
        let (place, top) = (self.verification_place(), self.form().top);
        let width = match place {
            Verification::Below { center } => self.room_around(center),
            Verification::Beside { left } => RIGHT - left - self.side_beside() - 10.0,
        };
        let address = self.target();
        let bare = address.split_once("://").map_or(address.as_str(), |(_, bare)| bare);
        let host = bare.split('/').next().unwrap_or_default();
        let shortened = format!("{host}/…/{}", self.data.number);
        let number = self.data.number.to_string();
        let fitted = |text: &str| fit(self.typefaces, style, text, "verification address", width);
        let line =
            fitted(&address).or_else(|_| fitted(bare)).or_else(|_| fitted(&shortened)).or_else(|_| fitted(&number))?;
        Ok(match place {
            Verification::Below { center } => Address { x: center - line.width / 2.0, y: top + SIDE + 9.0, line },
            Verification::Beside { left } => Address { x: left + self.side_beside() + 8.0, y: top + 23.0, line },
        })
    }

    /// How wide a line may be around that middle without touching a neighbour.
    fn room_around(&self, center: f32) -> f32 {
        let ends = self.form().parts.iter().filter_map(|part| match part {
            FootPart::Issuer(place) => Some((place.x - center).abs()),
            FootPart::Badge(place) => Some((center - place.x).abs() - SIDE / 2.0),
            _ => None,
        });
        let half = ends.fold(f32::MAX, f32::min).min(center - LEFT).min(RIGHT - center);
        (2.0 * (half - ADDRESS_DISTANCE)).min(ADDRESS_WIDTH)
    }

    /// The pieces, in reading order, and the left upper corner of the seal, if it is here.
    pub(super) fn lay_out(
        &self,
        address: Address,
        link: Identifier,
        picture: Option<Image>,
    ) -> Result<(Vec<Node>, Option<Corner>), Error> {
        let top = self.form().top;
        let mut nodes = Vec::new();
        if self.form().ornament {
            nodes.push(Node::Rule { from: LEFT, to: CENTER - 10.0, y: top - 8.0, width: 0.7, ink: Ink::Gold });
            nodes.push(Node::Diamond { x: CENTER, y: top - 8.0, radius: 3.0, ink: Ink::Gold });
            nodes.push(Node::Rule { from: CENTER + 10.0, to: RIGHT, y: top - 8.0, width: 0.7, ink: Ink::Gold });
        }
        let (mut seal, mut linked) = (None, Some((address, link)));
        for part in &self.form().parts {
            let children = match part {
                FootPart::Issuer(place) => {
                    let (children, left) = issuer::lay_out(self.data, self.typefaces, (place.x, top))?;
                    seal = Some((left, top + SEAL_TOP));
                    children
                }
                FootPart::Verification(_) | FootPart::VerificationBeside(_) => {
                    let (address, link) = linked.take().expect("a template that was read has one");
                    self.verification(address, link)?
                }
                FootPart::Badge(place) => match &picture {
                    Some(picture) => self.badge(place.x, picture.clone())?,
                    None => continue,
                },
            };
            nodes.push(Node::Group { structure: Structure::Section, children });
        }
        nodes.append(&mut self.closing()?);
        Ok((nodes, seal))
    }

    fn badge(&self, center: f32, picture: Image) -> Result<Vec<Node>, Error> {
        let alternative = "オープンバッジの図柄 / Picture of the Open Badge".to_owned();
        let top = self.form().top;
        let (x, y) = (center - SIDE / 2.0, top);
        let caption = Style::new(Weight::Bold, 7.5, Ink::Navy);
        let small = Style::new(Weight::Regular, 6.5, Ink::Grey);
        Ok(vec![
            Node::Picture { alternative, image: picture, x, y, size: (SIDE, SIDE) },
            self.centered(Language::English, caption, "Open Badge 3.0", center, top + SIDE + 13.0)?,
            self.centered(Language::Japanese, small, "署名付きバッジを添付", center, top + SIDE + 22.5)?,
            self.centered(Language::English, small, "Signed badge attached", center, top + SIDE + 31.0)?,
        ])
    }

    fn verification(&self, address: Address, annotation: Identifier) -> Result<Vec<Node>, Error> {
        let target = self.target();
        let noun = &self.data.template.noun;
        let (ja, en) = (&noun.ja, "QR code of the verification page");
        let alternative = format!("QRコード: この{ja}の検証ページ / {en}, {target}");
        let code = self.data.settings.confirmation_code(self.data.number);
        let label = Style::new(Weight::Regular, 6.5, Ink::Grey);
        let strong = Style::new(Weight::Bold, 9.0, Ink::Text).tracking(0.06);
        let line = Placed { line: address.line, x: address.x, y: address.y };
        let (top, code_label) = (self.form().top, "確認コード Confirmation code");
        let drawing = |x, side| {
            let path = self.code(&target, x, side)?;
            Ok::<_, Error>(Node::Drawing { alternative, path, ink: Ink::Black, x, y: top, side })
        };
        Ok(match self.verification_place() {
            Verification::Below { center } => vec![
                drawing(center - SIDE / 2.0, SIDE)?,
                Node::Link { line, annotation },
                self.centered(Language::Japanese, label, code_label, center, top + SIDE + 20.0)?,
                self.centered(Language::English, strong, &code, center, top + SIDE + 31.5)?,
            ],
            Verification::Beside { left } => {
                let side = self.side_beside();
                let x = left + side + 8.0;
                let verify = format!("この{}の検証 Verification", noun.ja);
                vec![
                    drawing(left, side)?,
                    self.at(Language::Japanese, label, &verify, x, top + 12.5)?,
                    Node::Link { line, annotation },
                    self.at(Language::Japanese, label, code_label, x, top + 38.0)?,
                    self.at(Language::English, strong, &code, x, top + 50.0)?,
                ]
            }
        })
    }

    /// The closing sentences whose members the data have.
    fn closing(&self) -> Result<Vec<Node>, Error> {
        let mut nodes = vec![Node::Rule { from: LEFT, to: RIGHT, y: CLOSING, width: 0.4, ink: Ink::Gold }];
        let style = Style::new(Weight::Regular, 7.0, Ink::Grey).smallest(4.8);
        let mut y = 766.0;
        let form = self.form();
        for (language, texts) in [(Language::Japanese, &form.closing_ja), (Language::English, &form.closing_en)] {
            let mut placed = Vec::new();
            for text in texts {
                let phrase = Phrase::parse(text).expect("it was read with the template");
                let Some(text) = phrase.line(self.data) else { continue };
                let line = fit(self.typefaces, style, &text, "closing sentence", RIGHT - LEFT)?;
                placed.push(Placed { x: CENTER - line.width / 2.0, y, line });
                y += 9.6;
            }
            if !placed.is_empty() {
                nodes.push(Node::Text { structure: Structure::Paragraph, language, lines: placed });
            }
        }
        Ok(nodes)
    }

    fn centered(&self, language: Language, style: Style, text: &str, x: f32, y: f32) -> Result<Node, Error> {
        let line = fit(self.typefaces, style, text, "foot", 150.0)?;
        let placed = Placed { x: x - line.width / 2.0, y, line };
        Ok(Node::Text { structure: Structure::Paragraph, language, lines: vec![placed] })
    }

    fn at(&self, language: Language, style: Style, text: &str, x: f32, y: f32) -> Result<Node, Error> {
        let line = fit(self.typefaces, style, text, "foot", RIGHT - x)?;
        Ok(Node::Text { structure: Structure::Paragraph, language, lines: vec![Placed { x, y, line }] })
    }
}

impl Address {
    /// Where a click leads to the verification page.
    pub(super) fn rectangle(&self) -> Option<Rect> {
        Rect::from_xywh(self.x - 1.0, self.y - 7.0, self.line.width + 2.0, 9.5)
    }
}
