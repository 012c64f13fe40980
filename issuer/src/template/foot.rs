//! The foot of the page: badge, QR code, issuer with the place of the seal, closing sentence. In: addresses, names, the badge
//! picture. Out: placed pieces, and the rectangles of the link and of the seal.

use krilla::geom::Rect;
use krilla::image::Image;
use krilla::tagging::Identifier;
use validation::Language;

use crate::completion::Days;
use crate::error::Error;
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::settings::Settings;

use super::ink::Ink;
use super::lines::{Line, fit};
use super::node::{Node, Placed, Structure};
use super::sheet::{CENTER, LEFT, PAGE_HEIGHT, RIGHT};
use super::style::{Style, Weight};
use super::{qr, seal_picture, words};

/// Upper end of the foot.
const TOP: f32 = 628.0;

/// Side of the badge picture and of the QR code.
const SIDE: f32 = 84.0;

/// Middles of the two columns at the left, and where the issuer begins.
const BADGE: f32 = LEFT + 50.0;
const CODE: f32 = LEFT + 168.0;
const ISSUER: f32 = LEFT + 248.0;

/// Room for the address under the QR code.
const ADDRESS_WIDTH: f32 = 152.0;

/// Upper end of the seal, its rightmost left end, and how far it covers the end of the issuer's name.
const SEAL_TOP: f32 = TOP + 9.0;
const SEAL_LEFT: f32 = RIGHT - seal_picture::SIDE + 6.0;
const SEAL_OVERLAP: f32 = 12.0;

/// What the foot needs to know.
pub(super) struct Foot<'a> {
    pub(super) number: &'a CertificateNumber,
    pub(super) days: &'a Days,
    pub(super) settings: &'a Settings,
    pub(super) typefaces: &'a Typefaces,
}

/// The line with the address, before it is linked.
pub(super) struct Address {
    line: Line,
    x: f32,
}

impl Foot<'_> {
    /// The line with the verification address: whole, else without its scheme, else its host and the number. The QR code and the
    /// link have the whole address.
    pub(super) fn address(&self) -> Result<Address, Error> {
        let style = Style::new(Weight::Regular, 7.5, Ink::Navy).smallest(4.8);
        let address = self.settings.certificate_address(self.number);
        let bare = address.split_once("://").map_or(address.as_str(), |(_, bare)| bare);
        let host = bare.split('/').next().unwrap_or_default();
        let shortened = format!("{host}/…/{}", self.number);
        let fitted = |text: &str| fit(self.typefaces, style, text, "verification address", ADDRESS_WIDTH);
        let line = fitted(&address).or_else(|_| fitted(bare)).or_else(|_| fitted(&shortened))?;
        Ok(Address { x: CODE - line.width / 2.0, line })
    }

    /// The pieces, in reading order, and the rectangle of the seal.
    pub(super) fn lay_out(
        &self,
        address: Address,
        link: Identifier,
        picture: Image,
    ) -> Result<(Vec<Node>, [f32; 4]), Error> {
        let (issuer, seal) = self.issuer()?;
        let mut nodes = vec![
            Node::Rule { from: LEFT, to: CENTER - 10.0, y: TOP - 8.0, width: 0.7, ink: Ink::Gold },
            Node::Diamond { x: CENTER, y: TOP - 8.0, radius: 3.0, ink: Ink::Gold },
            Node::Rule { from: CENTER + 10.0, to: RIGHT, y: TOP - 8.0, width: 0.7, ink: Ink::Gold },
        ];
        nodes.push(Node::Group { structure: Structure::Section, children: issuer });
        nodes.push(Node::Group { structure: Structure::Section, children: self.verification(address, link)? });
        nodes.push(Node::Group { structure: Structure::Section, children: self.badge(picture)? });
        nodes.append(&mut self.closing()?);
        Ok((nodes, seal_rectangle(seal)))
    }

    fn badge(&self, picture: Image) -> Result<Vec<Node>, Error> {
        let alternative = "オープンバッジの図柄 / Picture of the Open Badge".to_owned();
        let (x, y) = (BADGE - SIDE / 2.0, TOP);
        let caption = Style::new(Weight::Bold, 7.5, Ink::Navy);
        let small = Style::new(Weight::Regular, 6.5, Ink::Grey);
        Ok(vec![
            Node::Picture { alternative, image: picture, x, y, side: SIDE },
            self.centered(Language::English, caption, "Open Badge 3.0", BADGE, TOP + SIDE + 13.0)?,
            self.centered(Language::Japanese, small, "署名付きバッジを添付", BADGE, TOP + SIDE + 22.5)?,
            self.centered(Language::English, small, "Signed badge attached", BADGE, TOP + SIDE + 31.0)?,
        ])
    }

    fn verification(&self, address: Address, annotation: Identifier) -> Result<Vec<Node>, Error> {
        let target = self.settings.certificate_address(self.number);
        let alternative = format!("QRコード: この証明書の検証ページ / QR code of the verification page, {target}");
        let path = qr::path(&target, CODE - SIDE / 2.0, TOP, SIDE)?;
        let code = self.settings.confirmation_code(self.number);
        let label = Style::new(Weight::Regular, 6.5, Ink::Grey);
        let strong = Style::new(Weight::Bold, 9.0, Ink::Text).tracking(0.06);
        let line = Placed { line: address.line, x: address.x, y: TOP + SIDE + 9.0 };
        Ok(vec![
            Node::Drawing { alternative, path, ink: Ink::Black },
            Node::Link { line, annotation },
            self.centered(Language::Japanese, label, "確認コード Confirmation code", CODE, TOP + SIDE + 20.0)?,
            self.centered(Language::English, strong, &code, CODE, TOP + SIDE + 31.5)?,
        ])
    }

    /// Date, name and signatory, and the left end of the seal, which covers the end of the name as on paper.
    fn issuer(&self) -> Result<(Vec<Node>, f32), Error> {
        let organization = self.settings.organization();
        let (wide, narrow) = (SEAL_LEFT + SEAL_OVERLAP - ISSUER, SEAL_LEFT - 3.0 - ISSUER);
        let fit_to = |style, text: &str, member: &str, width| fit(self.typefaces, style, text, member, width);
        let small = Style::new(Weight::Regular, 8.0, Ink::Grey).smallest(6.0);
        let date = Style::new(Weight::Regular, 9.5, Ink::Text);
        let date = fit_to(date, &words::western(self.days.issued_on), "issue date", narrow)?;
        let name = Style::new(Weight::Bold, 22.0, Ink::Text).smallest(9.0).tracking(0.3);
        let name = fit_to(name, &organization.name_ja, "organization.name_ja", wide)?;
        let english = fit_to(small, &organization.name_en, "organization.name_en", narrow)?;
        let signatory = Style::new(Weight::Regular, 11.5, Ink::Text).smallest(7.5).tracking(0.05);
        let signatory = fit_to(signatory, &organization.signatory_ja, "organization.signatory_ja", RIGHT - ISSUER)?;
        let signatory_en = fit_to(small, &organization.signatory_en, "organization.signatory_en", RIGHT - ISSUER)?;
        let seal = (ISSUER + name.width - SEAL_OVERLAP).max(ISSUER + english.width + 3.0).min(SEAL_LEFT);
        let text = |language, line, y| Node::Text {
            structure: Structure::Paragraph,
            language,
            lines: vec![Placed { line, x: ISSUER, y: TOP + y }],
        };
        let nodes = vec![
            text(Language::Japanese, date, 12.0),
            text(Language::Japanese, name, 47.0),
            text(Language::English, english, 62.0),
            text(Language::Japanese, signatory, 89.0),
            text(Language::English, signatory_en, 103.0),
        ];
        Ok((nodes, seal))
    }

    fn closing(&self) -> Result<Vec<Node>, Error> {
        let host = self.settings.certificate_address(self.number);
        let (ja, en) = words::footer(&host);
        let mut nodes = vec![Node::Rule { from: LEFT, to: RIGHT, y: 754.0, width: 0.4, ink: Ink::Gold }];
        let style = Style::new(Weight::Regular, 7.0, Ink::Grey).smallest(4.8);
        let mut y = 766.0;
        for (language, texts) in [(Language::Japanese, ja), (Language::English, en)] {
            let mut placed = Vec::new();
            for text in texts {
                let line = fit(self.typefaces, style, &text, "closing sentence", RIGHT - LEFT)?;
                placed.push(Placed { x: CENTER - line.width / 2.0, y, line });
                y += 9.6;
            }
            nodes.push(Node::Text { structure: Structure::Paragraph, language, lines: placed });
        }
        Ok(nodes)
    }

    fn centered(&self, language: Language, style: Style, text: &str, x: f32, y: f32) -> Result<Node, Error> {
        let line = fit(self.typefaces, style, text, "foot", 150.0)?;
        let placed = Placed { x: x - line.width / 2.0, y, line };
        Ok(Node::Text { structure: Structure::Paragraph, language, lines: vec![placed] })
    }
}

impl Address {
    /// Where a click leads to the verification page.
    pub(super) fn rectangle(&self) -> Option<Rect> {
        Rect::from_xywh(self.x - 1.0, TOP + SIDE + 2.0, self.line.width + 2.0, 9.5)
    }
}

/// The rectangle of the seal in PDF coordinates (from the lower left corner): left, bottom, right, top.
fn seal_rectangle(left: f32) -> [f32; 4] {
    let bottom = PAGE_HEIGHT - SEAL_TOP - seal_picture::SIDE;
    [left, bottom, left + seal_picture::SIDE, bottom + seal_picture::SIDE]
}
