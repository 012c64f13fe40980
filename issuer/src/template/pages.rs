//! Blocks on pages. In: blocks in reading order. Out: the pieces of each page: on one page, spread evenly in the largest sizes that fit,
//! or over as many pages as they need, tables with their headers again.

use krilla::tagging::ArtifactType;

use crate::error::Error;
use crate::font::Typefaces;

use super::block::{Block, PlacedRow, Rows};
use super::body;
use super::collision::beyond_margins;
use super::data::Data;
use super::form::{Layout, PageForm, TemplateForm};
use super::node::Node;
use super::sheet::{MILLIMETRE, PAGE_HEIGHT};

/// Scales that are tried, one after the other.
const SCALES: [f32; 7] = [1.0, 0.96, 0.92, 0.88, 0.84, 0.80, 0.77];

/// What the smallest scale leaves of the height of blocks at least: fewer lines, each lower; a little is kept for where lines break.
const LEAST_SHARE: f32 = 0.5;

/// Distance between blocks that share a page: at least, and at most.
const LEAST_GAP: f32 = 9.0;
const MOST_GAP: f32 = 38.0;

/// Upper and lower end of the blocks on further pages.
const FURTHER_TOP: f32 = 112.0;
const FURTHER_BOTTOM: f32 = 782.0;

/// The most pages of one document.
const MOST_PAGES: usize = 400;

/// More than all of them have room for.
const MOST_HEIGHT: f32 = MOST_PAGES as f32 * PAGE_HEIGHT;

/// That so much has no room, known before the rest is set.
pub(super) fn check_height(height: f32) -> Result<(), Error> {
    if height <= MOST_HEIGHT { Ok(()) } else { Err(Error::TooManyPages { limit: MOST_PAGES }) }
}

/// Lays out the blocks of a template. A text beyond the margins, where it could be another column's or nobody's, is a defect of this
/// program and is printed on no document.
pub(super) fn lay_out(
    template: &TemplateForm,
    data: &Data<'_>,
    typefaces: &Typefaces,
) -> Result<Vec<Vec<Node>>, Error> {
    let pages = on_pages(template, data, typefaces)?;
    match pages.iter().find_map(|page| beyond_margins(page)) {
        None => Ok(pages),
        Some(text) => Err(Error::PdfRefused { problem: format!("{text:?} would stand beyond the margin") }),
    }
}

fn on_pages(template: &TemplateForm, data: &Data<'_>, typefaces: &Typefaces) -> Result<Vec<Vec<Node>>, Error> {
    let page = &template.page;
    if page.layout == Layout::Spread {
        let room = page.bottom - page.top;
        for scale in SCALES {
            let blocks = body::blocks(template, data, typefaces, scale)?;
            let height: f32 = blocks.iter().map(|block| block.height).sum();
            if height * LEAST_SHARE > room * scale * scale {
                break; // no scale makes so much of it fit
            }
            if height + LEAST_GAP * scale * weights(&blocks).iter().sum::<f32>() <= room {
                return Ok(vec![spread(blocks, page, room - height)]);
            }
        }
    }
    Flow::new(page).lay_out(body::blocks(template, data, typefaces, 1.0)?)
}

/// Relative widths of the gaps below all blocks but the last.
fn weights(blocks: &[Block<'_>]) -> Vec<f32> {
    let all_but_one = blocks.len().saturating_sub(1);
    blocks.iter().take(all_but_one).map(|block| block.gap).collect()
}

/// Shares the free room among the gaps, up to a limit, and centres the rest.
fn spread(blocks: Vec<Block<'_>>, page: &PageForm, free: f32) -> Vec<Node> {
    let weights = weights(&blocks);
    let sum: f32 = weights.iter().sum();
    let gap = (free / (sum + 1.0)).min(MOST_GAP);
    let mut y = page.top + ((free - gap * sum) / 2.0).max(0.0);
    let mut nodes = Vec::new();
    for (place, block) in blocks.into_iter().enumerate() {
        let height = block.height;
        let mut pieces = block.whole();
        pieces.iter_mut().for_each(|node| node.shift(y));
        y += height + gap * weights.get(place).copied().unwrap_or_default();
        nodes.append(&mut pieces);
    }
    nodes
}

/// Blocks below each other, over several pages.
struct Flow {
    pages: Vec<Vec<Node>>,
    /// Where the next block goes.
    y: f32,
    bottom: f32,
    gap: f32,
}

impl Flow {
    fn new(page: &PageForm) -> Flow {
        Flow { pages: vec![Vec::new()], y: page.top, bottom: page.bottom, gap: page.gap }
    }

    fn lay_out(mut self, blocks: Vec<Block<'_>>) -> Result<Vec<Vec<Node>>, Error> {
        for block in blocks {
            let gap = if self.here().is_empty() { 0.0 } else { self.gap };
            self.y += gap;
            match block.rows {
                Some(_) if self.y + block.height > self.bottom => self.broken(block)?,
                _ => self.unbroken(block)?,
            }
        }
        Ok(self.pages)
    }

    fn here(&mut self) -> &mut Vec<Node> {
        self.pages.last_mut().expect("there is always a page")
    }

    fn turn(&mut self) -> Result<(), Error> {
        if self.pages.len() == MOST_PAGES {
            return Err(Error::TooManyPages { limit: MOST_PAGES });
        }
        self.pages.push(Vec::new());
        (self.y, self.bottom) = (FURTHER_TOP, FURTHER_BOTTOM);
        Ok(())
    }

    /// A new page if so much has no room on this one.
    fn make_room(&mut self, height: f32) -> Result<(), Error> {
        if self.y + height <= self.bottom {
            return Ok(());
        }
        self.turn()?;
        let room = self.bottom - self.y;
        let millimetres = |points: f32| (points / MILLIMETRE).ceil() as u32;
        match height <= room {
            true => Ok(()),
            false => Err(Error::PageFull { needed_mm: millimetres(height), room_mm: millimetres(room) }),
        }
    }

    fn unbroken(&mut self, block: Block<'_>) -> Result<(), Error> {
        let height = block.height;
        self.make_room(height)?;
        let y = self.y;
        let mut nodes = block.whole();
        nodes.iter_mut().for_each(|node| node.shift(y));
        self.here().append(&mut nodes);
        self.y += height;
        Ok(())
    }

    /// A block that ends on another page than it begins.
    fn broken(&mut self, mut block: Block<'_>) -> Result<(), Error> {
        let Some(Rows { structure, header, rows }) = block.rows.take() else { return self.unbroken(block) };
        let first_end = rows.first().map_or(block.height, |row| row.bottom);
        self.make_room(first_end)?;
        let mut shift = self.y;
        block.nodes.iter_mut().for_each(|node| node.shift(shift));
        self.here().append(&mut block.nodes);
        let again = header.as_ref().map(|(node, height)| (node.again(), *height));
        let header_top = rows.first().map_or(0.0, |row| row.top) - again.as_ref().map_or(0.0, |(_, height)| *height);
        let mut children: Vec<Node> = Vec::new();
        if let Some((mut node, _)) = header {
            node.shift(shift);
            children.push(node);
        }
        let mut is_first = true;
        let group = |children, is_first| match is_first {
            true => Node::Group { structure, children },
            false => Node::Rest { children },
        };
        for PlacedRow { mut node, top, bottom } in rows {
            if shift + bottom > self.bottom {
                let ended = group(std::mem::take(&mut children), is_first);
                self.here().push(ended);
                is_first = false;
                self.turn()?;
                let mut y = self.y;
                if let Some((node, height)) = &again {
                    let mut node = node.again();
                    node.shift(y - header_top);
                    self.here().push(Node::Again { kind: ArtifactType::PaginationOther, node: Box::new(node) });
                    y += height;
                }
                shift = y - top;
                self.y = y;
                self.make_room(bottom - top)?;
            }
            node.shift(shift);
            children.push(node);
            self.y = shift + bottom;
        }
        let ended = group(children, is_first);
        self.here().push(ended);
        Ok(())
    }
}
