//! The foot of the page: badge, QR code, issuer with the place of the seal, closing sentence. In: addresses, names, the badge
//! picture. Out: placed pieces, and the rectangles of the link and of the seal.

use krilla::geom::Rect;
use krilla::image::Image;
use krilla::tagging::Identifier;

use crate::completion::Days;
use crate::error::Error;
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::settings::Settings;

use super::lines::{Line, Style, Weight, fit, wrap};
use super::node::{Language, Node, Placed, Role};
use super::{CENTER, Ink, LEFT, RIGHT, qr, seal_picture, words};

/// Upper end of the foot.
const TOP: f32 = 628.0;

/// Side of the badge picture and of the QR code.
const SIDE: f32 = 84.0;

/// Middles of the two columns at the left, and where the issuer begins.
const BADGE: f32 = LEFT + 50.0;
const CODE: f32 = LEFT + 168.0;
const ISSUER: f32 = LEFT + 248.0;

/// The left upper corner of the seal.
const SEAL: (f32, f32) = (RIGHT - seal_picture::SIDE + 4.0, TOP + 27.0);

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
    /// The line with the verification address.
    pub(super) fn address(&self) -> Result<Address, Error> {
        let style = Style::new(Weight::Regular, 7.5, Ink::Navy).smallest(4.8);
        let address = self.settings.certificate_address(self.number);
        let line = fit(self.typefaces, style, &address, "verification address", 150.0)?;
        Ok(Address { x: CODE - line.width / 2.0, line })
    }

    /// The pieces, in reading order.
    pub(super) fn lay_out(&self, address: Address, link: Identifier, picture: Image) -> Result<Vec<Node>, Error> {
        let mut nodes = vec![
            Node::Rule { from: LEFT, to: CENTER - 10.0, y: TOP - 8.0, width: 0.7, ink: Ink::Gold },
            Node::Diamond { x: CENTER, y: TOP - 8.0, radius: 3.0, ink: Ink::Gold },
            Node::Rule { from: CENTER + 10.0, to: RIGHT, y: TOP - 8.0, width: 0.7, ink: Ink::Gold },
        ];
        nodes.push(Node::Group { role: Role::Section, children: self.issuer()? });
        nodes.push(Node::Group { role: Role::Section, children: self.verification(address, link)? });
        nodes.push(Node::Group { role: Role::Section, children: self.badge(picture)? });
        nodes.append(&mut self.closing()?);
        Ok(nodes)
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

    fn issuer(&self) -> Result<Vec<Node>, Error> {
        let organization = self.settings.organization();
        // The name runs below the right part of the seal, as on paper; the other lines stop before it.
        let (wide, narrow) = (RIGHT - ISSUER - 22.0, SEAL.0 - ISSUER - 6.0);
        let name = Style::new(Weight::Bold, 18.0, Ink::Text).smallest(9.0).tracking(0.12);
        let english = Style::new(Weight::Regular, 9.0, Ink::Grey).smallest(6.5);
        let date = Style::new(Weight::Regular, 9.5, Ink::Text);
        let signatory = Style::new(Weight::Regular, 11.0, Ink::Text).smallest(7.5).tracking(0.05);
        let issued_on = self.days.issued_on;
        Ok(vec![
            self.left(Language::Japanese, date, &words::western(issued_on), "issue date", narrow, TOP + 14.0)?,
            self.left(Language::Japanese, name, &organization.name_ja, "organization.name_ja", wide, TOP + 46.0)?,
            self.left(Language::English, english, &organization.name_en, "organization.name_en", narrow, TOP + 60.0)?,
            self.left(
                Language::Japanese,
                signatory,
                &organization.signatory_ja,
                "organization.signatory_ja",
                narrow,
                TOP + 84.0,
            )?,
            self.left(
                Language::English,
                english,
                &organization.signatory_en,
                "organization.signatory_en",
                narrow,
                TOP + 97.0,
            )?,
        ])
    }

    fn closing(&self) -> Result<Vec<Node>, Error> {
        let host = self.settings.certificate_address(self.number);
        let (ja, en) = words::footer(&host);
        let mut nodes = vec![Node::Rule { from: LEFT, to: RIGHT, y: 754.0, width: 0.4, ink: Ink::Gold }];
        let style = Style::new(Weight::Regular, 7.0, Ink::Grey).smallest(5.6);
        let mut y = 766.0;
        for (language, text) in [(Language::Japanese, ja), (Language::English, en)] {
            let lines = wrap(self.typefaces, style, &text, "closing sentence", RIGHT - LEFT, 2)?;
            let mut placed = Vec::new();
            for line in lines {
                placed.push(Placed { x: CENTER - line.width / 2.0, y, line });
                y += 9.6;
            }
            nodes.push(Node::Text { role: Role::Paragraph, language, lines: placed });
        }
        Ok(nodes)
    }

    fn centered(&self, language: Language, style: Style, text: &str, x: f32, y: f32) -> Result<Node, Error> {
        let line = fit(self.typefaces, style, text, "foot", 150.0)?;
        let placed = Placed { x: x - line.width / 2.0, y, line };
        Ok(Node::Text { role: Role::Paragraph, language, lines: vec![placed] })
    }

    fn left(
        &self,
        language: Language,
        style: Style,
        text: &str,
        member: &str,
        width: f32,
        y: f32,
    ) -> Result<Node, Error> {
        let line = fit(self.typefaces, style, text, member, width)?;
        Ok(Node::Text { role: Role::Paragraph, language, lines: vec![Placed { line, x: ISSUER, y }] })
    }
}

impl Address {
    /// Where a click leads to the verification page.
    pub(super) fn rectangle(&self) -> Option<Rect> {
        Rect::from_xywh(self.x - 1.0, TOP + SIDE + 2.0, self.line.width + 2.0, 9.5)
    }
}

/// The rectangle of the seal in PDF coordinates (from the lower left corner): left, bottom, right, top.
pub(super) fn seal_rectangle() -> [f32; 4] {
    let (left, top) = SEAL;
    let bottom = super::PAGE_HEIGHT - top - seal_picture::SIDE;
    [left, bottom, left + seal_picture::SIDE, bottom + seal_picture::SIDE]
}
