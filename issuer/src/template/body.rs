//! The middle of the page: who, what, when, how well. In: completion data. Out: blocks in reading order, spread evenly over the
//! room between title and foot, in the largest sizes that fit.

use validation::Language;

use crate::completion::{Bilingual, Completion, Days};
use crate::error::Error;
use crate::font::Typefaces;

use super::block::Block;
use super::ink::Ink;
use super::lines::fit;
use super::node::{Node, Placed, Structure};
use super::sheet::{CENTER, LEFT, MILLIMETRE, RIGHT};
use super::style::{Style, Weight};
use super::words;

/// Upper and lower end of the middle.
const TOP: f32 = 172.0;
const BOTTOM: f32 = 614.0;

/// Scales that are tried, one after the other.
const SCALES: [f32; 7] = [1.0, 0.96, 0.92, 0.88, 0.84, 0.80, 0.77];

/// Distance between blocks: at least, and at most. Below the name and the course it is one and a half times as wide.
const LEAST_GAP: f32 = 9.0;
const MOST_GAP: f32 = 38.0;

/// Lays out the middle of the page.
pub(super) fn lay_out(completion: &Completion, days: &Days, typefaces: &Typefaces) -> Result<Vec<Node>, Error> {
    let room = BOTTOM - TOP;
    let mut needed = 0.0;
    for scale in SCALES {
        let blocks = blocks(completion, days, typefaces, scale)?;
        let height: f32 = blocks.iter().map(|block| block.height).sum();
        needed = height + LEAST_GAP * scale * weights(blocks.len()).iter().sum::<f32>();
        if needed <= room {
            return Ok(spread(blocks, room - height));
        }
    }
    let millimetres = |points: f32| (points / MILLIMETRE).ceil() as u32;
    Err(Error::PageFull { needed_mm: millimetres(needed), room_mm: millimetres(room) })
}

/// Relative widths of the gaps after the first blocks.
fn weights(blocks: usize) -> Vec<f32> {
    (1..blocks).map(|gap| if gap <= 2 { 1.5 } else { 1.0 }).collect()
}

/// Shares the free room among the gaps, up to a limit, and centres the rest.
fn spread(blocks: Vec<Block<'_>>, free: f32) -> Vec<Node> {
    let weights = weights(blocks.len());
    let sum: f32 = weights.iter().sum();
    let gap = (free / (sum + 1.0)).min(MOST_GAP);
    let mut y = TOP + ((free - gap * sum) / 2.0).max(0.0);
    let mut nodes = Vec::new();
    for (place, mut block) in blocks.into_iter().enumerate() {
        block.nodes.iter_mut().for_each(|node| node.shift(y));
        y += block.height + gap * weights.get(place).copied().unwrap_or_default();
        nodes.append(&mut block.nodes);
    }
    nodes
}

fn blocks<'a>(
    completion: &Completion,
    days: &Days,
    typefaces: &'a Typefaces,
    scale: f32,
) -> Result<Vec<Block<'a>>, Error> {
    let new = || Block::new(typefaces, scale);
    let mut blocks = vec![recipient(new(), completion)?, course(new(), completion)?, facts(new(), completion, days)?];
    let achievement = completion.achievement();
    if !achievement.outcomes.is_empty() {
        blocks.push(outcomes(new(), &achievement.outcomes)?);
    }
    if let Some(assessment) = &achievement.assessment {
        blocks.push(assessed(new(), assessment)?);
    }
    if let Some(submit_to) = completion.submit_to() {
        blocks.push(addressee(new(), submit_to)?);
    }
    Ok(blocks)
}

/// The sentence of certification, and the name.
fn recipient<'a>(mut block: Block<'a>, completion: &Completion) -> Result<Block<'a>, Error> {
    let introduction = Style::new(Weight::Regular, 10.5, Ink::Text).tracking(0.05);
    block.centered(
        Structure::Paragraph,
        Language::Japanese,
        introduction,
        words::INTRODUCTION_JA,
        "introduction",
        1,
    )?;
    block.space(1.5);
    let introduction = Style::new(Weight::Regular, 8.0, Ink::Grey);
    block.centered(Structure::Paragraph, Language::English, introduction, words::INTRODUCTION_EN, "introduction", 1)?;
    block.space(12.0);
    let name = &completion.recipient().name;
    let latin = name.chars().all(|character| character < '\u{2E80}');
    let (language, size, tracking) =
        if latin { (Language::English, 28.0, 0.02) } else { (Language::Japanese, 31.0, 0.08) };
    let style = Style::new(Weight::Bold, size, Ink::Text).smallest(15.0).tracking(tracking);
    let used = block.centered(Structure::Heading, language, style, name, "recipient.name", 1)?;
    block.space(7.0);
    let half = (used / 2.0 + 26.0).clamp(120.0, (RIGHT - LEFT) / 2.0);
    let y = block.height;
    block.nodes.push(Node::Rule { from: CENTER - half, to: CENTER + half, y, width: 0.8, ink: Ink::Gold });
    if let Some(name_roman) = &completion.recipient().name_roman {
        block.space(5.0);
        let style = Style::new(Weight::Regular, 12.5, Ink::Text).smallest(8.0).tracking(0.06);
        block.centered(Structure::Paragraph, Language::English, style, name_roman, "recipient.name_roman", 1)?;
    }
    Ok(block)
}

fn course<'a>(mut block: Block<'a>, completion: &Completion) -> Result<Block<'a>, Error> {
    let achievement = completion.achievement();
    let style = Style::new(Weight::Bold, 19.0, Ink::Navy).smallest(12.5).tracking(0.03);
    block.centered(Structure::Heading, Language::Japanese, style, &achievement.name_ja, "achievement.name_ja", 2)?;
    block.space(3.0);
    let style = Style::new(Weight::Regular, 12.0, Ink::Navy).smallest(8.5);
    block.centered(Structure::Paragraph, Language::English, style, &achievement.name_en, "achievement.name_en", 2)?;
    block.space(7.0);
    let style = Style::new(Weight::Regular, 9.5, Ink::Text).smallest(7.0);
    let provider = format!("実施: {}", achievement.provider_ja);
    block.centered(Structure::Paragraph, Language::Japanese, style, &provider, "achievement.provider_ja", 1)?;
    if let Some(provider_en) = &achievement.provider_en {
        let style = Style::new(Weight::Regular, 8.0, Ink::Grey).smallest(6.5);
        let provider = format!("Provided by {provider_en}");
        block.centered(Structure::Paragraph, Language::English, style, &provider, "achievement.provider_en", 1)?;
    }
    Ok(block)
}

/// One cell of the row of facts.
struct FactCell {
    member: &'static str,
    label: &'static str,
    value: String,
    below: Vec<(Language, String)>,
}

impl FactCell {
    /// The cell, centred around `x`.
    fn cell(&self, block: &Block<'_>, x: f32, width: f32) -> Result<Node, Error> {
        let text = |structure, language, style: Style, text: &str, baseline: f32| {
            let line = fit(block.typefaces, style.scaled(block.scale), text, self.member, width)?;
            let placed = Placed { x: x - line.width / 2.0, y: baseline * block.scale, line };
            Ok::<Node, Error>(Node::Text { structure, language, lines: vec![placed] })
        };
        let style = Style::new(Weight::Regular, 7.5, Ink::Gold).smallest(5.5);
        let label = text(Structure::Label, Language::Japanese, style, self.label, 14.5)?;
        let style = Style::new(Weight::Bold, 12.0, Ink::Text).smallest(8.0);
        let mut body = vec![text(Structure::Paragraph, Language::Japanese, style, &self.value, 31.0)?];
        for (place, (language, below)) in self.below.iter().enumerate() {
            let style = Style::new(Weight::Regular, 7.2, Ink::Grey).smallest(5.5);
            body.push(text(Structure::Paragraph, *language, style, below, 41.0 + 9.0 * place as f32)?);
        }
        let body = Node::Group { structure: Structure::Body, children: body };
        Ok(Node::Group { structure: Structure::Item, children: vec![label, body] })
    }
}

/// Hours, credits and days, side by side between two lines.
fn facts<'a>(mut block: Block<'a>, completion: &Completion, days: &Days) -> Result<Block<'a>, Error> {
    let day = |date| {
        let era = words::era(date).map(|era| (Language::Japanese, format!("({era})")));
        era.into_iter().chain([(Language::English, words::english(date))]).collect::<Vec<_>>()
    };
    let amount = |member, label, (ja, en)| FactCell { member, label, value: ja, below: vec![(Language::English, en)] };
    let date = |member, label, date| FactCell { member, label, value: words::western(date), below: day(date) };
    let achievement = completion.achievement();
    let hours = achievement.hours.map(|hours| amount("achievement.hours", "学修時間 Hours", words::hours(hours)));
    let credits =
        achievement.credits.map(|credits| amount("achievement.credits", "単位 Credits", words::credits(credits)));
    let days = [
        Some(date("completed_on", "修了日 Completed on", days.completed_on)),
        Some(date("issued_on", "発行日 Issued on", days.issued_on)),
        days.valid_until.map(|last| date("valid_until", "有効期限 Valid until", last)),
    ];
    let facts: Vec<FactCell> = [hours, credits].into_iter().chain(days).flatten().collect();
    let height = 57.0 * block.scale;
    let width = (RIGHT - LEFT) / facts.len() as f32;
    let mut items = Vec::new();
    for (place, fact) in facts.iter().enumerate() {
        items.push(fact.cell(&block, LEFT + width * (place as f32 + 0.5), width - 14.0)?);
    }
    let rule = |y| Node::Rule { from: LEFT, to: RIGHT, y, width: 0.6, ink: Ink::Gold };
    block.nodes.push(rule(0.0));
    block.nodes.push(Node::Group { structure: Structure::List, children: items });
    block.nodes.push(rule(height));
    block.height = height;
    Ok(block)
}

fn outcomes<'a>(mut block: Block<'a>, outcomes: &[Bilingual]) -> Result<Block<'a>, Error> {
    block.heading("学修成果", "Learning outcomes")?;
    let indent = LEFT + 14.0;
    let mut items = Vec::new();
    for (place, outcome) in outcomes.iter().enumerate() {
        block.space(4.5);
        let style = Style::new(Weight::Bold, 10.0, Ink::Gold).scaled(block.scale);
        let number = fit(block.typefaces, style, &format!("{}", place + 1), "outcome number", 14.0)?;
        let mark = Placed { x: LEFT + 2.0, y: block.height + number.style.size, line: number };
        let label = Node::Text { structure: Structure::Label, language: Language::Japanese, lines: vec![mark] };
        let body = block.bilingual(outcome, &format!("achievement.outcomes[{place}]"), indent)?;
        let body = Node::Group { structure: Structure::Body, children: body };
        items.push(Node::Group { structure: Structure::Item, children: vec![label, body] });
    }
    block.nodes.push(Node::Group { structure: Structure::List, children: items });
    Ok(block)
}

fn assessed<'a>(mut block: Block<'a>, assessment: &Bilingual) -> Result<Block<'a>, Error> {
    block.heading("評価", "Assessment")?;
    block.space(4.5);
    let mut texts = block.bilingual(assessment, "achievement.assessment", LEFT + 14.0)?;
    block.nodes.append(&mut texts);
    Ok(block)
}

/// 提出先, in its own line.
fn addressee<'a>(mut block: Block<'a>, submit_to: &str) -> Result<Block<'a>, Error> {
    let style = Style::new(Weight::Regular, 10.0, Ink::Text).smallest(7.5);
    let text = format!("提出先 For submission to:  {submit_to}");
    block.centered(Structure::Paragraph, Language::Japanese, style, &text, "submit_to", 1)?;
    Ok(block)
}
