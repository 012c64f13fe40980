//! Whether what was laid out can be read: in a template of somebody's own, with somebody's data, texts may lie over each other or beyond
//! the paper. In: the pieces of a page. Out: which of them do. The seal may lie over anything, as ink does on paper.

use std::fmt;

use super::node::{Node, Placed};
use super::sheet::{LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT};
use crate::error::shortened;

/// How far pieces may reach into each other, in points: blanks round letters and rounding.
const TOLERANCE: f32 = 0.5;

/// Ink above and below the baseline, in units of the size: capitals and most of a kanji; a tail that touches a head is no fault.
const ABOVE: f32 = 0.75;
const BELOW: f32 = 0.1;

/// Something that cannot be read where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misplaced {
    /// Two pieces lie over each other.
    Overlap {
        /// From 1 on.
        page: usize,
        /// The one that is read first: its text, or what a picture shows.
        first: String,
        /// The other one.
        second: String,
    },
    /// A piece stands partly or wholly beyond the paper.
    OffPage {
        /// From 1 on.
        page: usize,
        /// Its text, or what a picture shows.
        piece: String,
    },
    /// A piece stands partly or wholly over the frame of the page, or beyond it.
    OverFrame {
        /// From 1 on.
        page: usize,
        /// Its text, or what a picture shows.
        piece: String,
    },
}

impl Misplaced {
    /// In Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Overlap { page, first, second } => {
                format!(
                    "{page}ページ: 「{first}」と「{second}」が重なっています。どちらかの位置か大きさを変えてください"
                )
            }
            Self::OffPage { page, piece } => {
                format!("{page}ページ: 「{piece}」が用紙からはみ出しています。位置か大きさを変えてください")
            }
            Self::OverFrame { page, piece } => {
                format!("{page}ページ: 「{piece}」がページの枠に重なっています。位置か大きさを変えてください")
            }
        }
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap { page, first, second } => {
                write!(
                    formatter,
                    "page {page}: {first:?} and {second:?} lie over each other; move one, or make it smaller"
                )
            }
            Self::OffPage { page, piece } => {
                write!(formatter, "page {page}: {piece:?} stands beyond the paper; move it, or make it smaller")
            }
            Self::OverFrame { page, piece } => {
                write!(formatter, "page {page}: {piece:?} stands over the page's frame; move it, or make it smaller")
            }
        }
    }
}

/// A piece with the room that it takes.
struct Piece {
    name: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    kind: Kind,
}

/// What a piece may lie over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A text or a picture: over nothing.
    Solid,
    /// A rule: beside texts, not through them.
    Rule,
    /// The seal: over anything.
    Seal,
}

/// What is misplaced among the pieces of a page, in the order of reading. `frame`: how far the page's frame reaches into it.
pub(super) fn misplaced<'a>(
    page: usize,
    frame: Option<f32>,
    nodes: impl IntoIterator<Item = &'a Node>,
) -> Vec<Misplaced> {
    let mut pieces = Vec::new();
    nodes.into_iter().for_each(|node| collect(node, &mut pieces));
    let mut found = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        if !piece.is_within(-TOLERANCE) {
            found.push(Misplaced::OffPage { page, piece: piece.name.clone() });
        } else if frame.is_some_and(|frame| !piece.is_within(frame - TOLERANCE)) {
            found.push(Misplaced::OverFrame { page, piece: piece.name.clone() });
        }
        for other in pieces[place + 1..].iter().filter(|other| piece.overlaps(other)) {
            found.push(Misplaced::Overlap { page, first: piece.name.clone(), second: other.name.clone() });
        }
    }
    found
}

/// The first text of a body that does not stand between the margins, where the blocks put all of them.
pub(super) fn beyond_margins(nodes: &[Node]) -> Option<String> {
    let mut pieces = Vec::new();
    nodes.iter().for_each(|node| collect(node, &mut pieces));
    let is_within = |piece: &Piece| piece.left >= LEFT - TOLERANCE && piece.right <= RIGHT + TOLERANCE;
    pieces.into_iter().find(|piece| piece.kind == Kind::Solid && !is_within(piece)).map(|piece| piece.name)
}

fn collect(node: &Node, pieces: &mut Vec<Piece>) {
    match node {
        Node::Text { lines, .. } => pieces.extend(lines.iter().map(Piece::of_line)),
        Node::Link { line, .. } => pieces.push(Piece::of_line(line)),
        Node::Group { children, .. } | Node::Rest { children } => {
            children.iter().for_each(|child| collect(child, pieces));
        }
        Node::Again { node, .. } => collect(node, pieces),
        Node::Picture { alternative, x, y, size: (width, height), .. } => {
            pieces.push(Piece::of_picture(alternative, (*x, *y), (*width, *height)));
        }
        Node::Drawing { alternative, x, y, side, .. } => {
            pieces.push(Piece::of_picture(alternative, (*x, *y), (*side, *side)));
        }
        Node::SealPlace { x, y } => {
            let side = super::seal_picture::SIDE;
            pieces.push(Piece { kind: Kind::Seal, ..Piece::of_picture("印影 / seal", (*x, *y), (side, side)) });
        }
        Node::Rule { from, to, y, .. } => {
            pieces
                .push(Piece { kind: Kind::Rule, ..Piece::of_picture("罫線 / rule", (*from, *y), (to - from, 0.0)) });
        }
        Node::Diamond { x, y, radius, .. } => {
            let (corner, side) = ((x - radius, y - radius), 2.0 * radius);
            pieces.push(Piece { kind: Kind::Rule, ..Piece::of_picture("飾り / ornament", corner, (side, side)) });
        }
    }
}

impl Piece {
    fn of_line(Placed { line, x, y }: &Placed) -> Self {
        let (left, size) = (line.left(*x), line.style.size);
        Self {
            name: shortened(line.shaped.text.trim()),
            left,
            top: y - ABOVE * size,
            right: left + line.width,
            bottom: y + BELOW * size,
            kind: Kind::Solid,
        }
    }

    fn of_picture(alternative: &str, (left, top): (f32, f32), (width, height): (f32, f32)) -> Self {
        Self { name: shortened(alternative), left, top, right: left + width, bottom: top + height, kind: Kind::Solid }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let reach = |end: f32, start: f32| end - start > TOLERANCE;
        // A rule has no height: it lies over what it goes through.
        let least = |piece: &Self| if piece.kind == Kind::Rule { TOLERANCE } else { 0.0 };
        let (first, second) = (least(self), least(other));
        let kinds = [self.kind, other.kind];
        kinds.contains(&Kind::Solid)
            && !kinds.contains(&Kind::Seal)
            && reach(self.right.min(other.right), self.left.max(other.left))
            && reach((self.bottom + first).min(other.bottom + second), (self.top - first).max(other.top - second))
    }

    /// Whether it stands at least so far from each edge of the paper.
    fn is_within(&self, margin: f32) -> bool {
        self.left >= margin
            && self.top >= margin
            && self.right <= PAGE_WIDTH - margin
            && self.bottom <= PAGE_HEIGHT - margin
    }
}

#[cfg(test)]
mod tests {
    use validation::Language;

    use super::super::ink::Ink;
    use super::super::lines::fit;
    use super::super::node::Structure;
    use super::super::style::{Style, Weight};
    use super::*;
    use crate::font::Typefaces;

    fn text(words: &str, x: f32, y: f32) -> Node {
        let style = Style::new(Weight::Regular, 10.0, Ink::Text);
        let line = fit(&Typefaces::bundled().unwrap(), style, words, "text", 500.0).unwrap();
        let lines = vec![Placed { line, x, y }];
        Node::Text { structure: Structure::Paragraph, language: Language::Japanese, lines }
    }

    #[test]
    fn texts_that_lie_over_each_other_are_named_and_neighbours_are_not() {
        let nodes = [text("学修証明書", 100.0, 100.0), text("山田花子", 140.0, 105.0), text("次の行", 100.0, 118.0)];
        let found = misplaced(2, None, &nodes);
        assert_eq!(
            found,
            [Misplaced::Overlap { page: 2, first: "学修証明書".to_owned(), second: "山田花子".to_owned() }]
        );
        assert!(found[0].to_string().contains("page 2") && found[0].japanese().contains("重なっています"));
        assert_eq!(misplaced(1, None, &[text("山田", 100.0, 100.0), text("花子", 120.1, 100.0)]), []);
    }

    #[test]
    fn a_text_beyond_an_edge_of_the_paper_is_named_and_one_within_is_not() {
        for (x, y) in [(-5.0, 100.0), (580.0, 100.0), (100.0, 3.0), (100.0, 845.0)] {
            let found = misplaced(1, None, &[text("山田", x, y)]);
            assert_eq!(found, [Misplaced::OffPage { page: 1, piece: "山田".to_owned() }], "{x} {y}");
        }
        assert_eq!(misplaced(1, None, &[text("山田", 0.0, 10.0), text("山田", 574.0, 838.0)]), []);
    }

    #[test]
    fn a_text_over_the_frame_or_with_a_rule_through_it_is_named_and_one_above_a_rule_is_not() {
        let found = misplaced(1, Some(30.0), &[text("山田", 100.0, 32.0)]);
        assert_eq!(found, [Misplaced::OverFrame { page: 1, piece: "山田".to_owned() }]);
        assert!(found[0].to_string().contains("frame") && found[0].japanese().contains("枠"));
        assert_eq!(misplaced(1, Some(30.0), &[text("山田", 100.0, 40.0)]), []);
        let rule = |y| Node::Rule { from: 66.0, to: 300.0, y, width: 0.7, ink: Ink::Gold };
        let through = misplaced(1, None, &[text("山田", 100.0, 100.0), rule(96.0)]);
        assert!(matches!(&through[..], [Misplaced::Overlap { second, .. }] if second.contains("罫線")), "{through:?}");
        assert_eq!(misplaced(1, None, &[text("山田", 100.0, 100.0), rule(102.5), rule(102.5)]), []);
        let ornament = Node::Diamond { x: 105.0, y: 95.0, radius: 3.6, ink: Ink::Gold };
        assert_eq!(misplaced(1, None, &[text("山田", 100.0, 100.0), ornament]).len(), 1);
    }

    #[test]
    fn the_seal_may_lie_over_a_text_but_not_beyond_the_paper() {
        let seal = |x| Node::SealPlace { x, y: 80.0 };
        assert_eq!(misplaced(1, None, &[text("山田", 100.0, 100.0), seal(90.0)]), []);
        assert_eq!(misplaced(1, None, &[seal(570.0)]).len(), 1);
    }
}
