//! What spreadsheets put around texts, and in the place of values. In: a cell. Out: the cell as it was meant, or why it is no value.

use super::{Cell, MOST_CHARACTERS, Wrong, shortened, wrong};
use crate::register::words::both;

/// What a spreadsheet shows in the place of a value that it does not have.
const FAULTS: [&str; 10] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"];

impl Cell {
    /// The cell as it was meant: without what spreadsheets put around texts, and nothing that is no value.
    pub(super) fn without_tricks(&self) -> Result<Cell, Wrong> {
        let text = match self {
            Cell::Fault(fault) => return fault_of(fault),
            Cell::Unsaved => {
                let message = both!("the formula has no saved value", "数式の値が保存されていません");
                let advice = (
                    "open the workbook in Excel and save it there, or write the value",
                    "ブックを Excel で開いて保存し直すか、値を書いてください",
                );
                return wrong(message, advice);
            }
            Cell::Merged(range) => {
                let message = both!(
                    "the cells {range} are merged over several columns or with a header, so that it is not known whose value theirs is",
                    "セル {range} が複数の列、または見出しと結合されていて、どの列の値か分かりません"
                );
                let advice = (
                    "take the merging back, and write the value in each cell",
                    "結合を解除し、各セルに値を書いてください",
                );
                return wrong(message, advice);
            }
            Cell::Unclosed => {
                let message = both!(
                    "found a quotation mark that is never closed, so that all that follows is one cell",
                    "閉じていない引用符があり、以下すべてが 1 つのセルになっています"
                );
                let advice = (
                    "close the mark; within a text write two for one",
                    "引用符を閉じてください。文中の引用符は 2 つ続けて書きます",
                );
                return wrong(message, advice);
            }
            Cell::Text(text) => text,
            other => return Ok(other.clone()),
        };
        let length = text.chars().count();
        if length > MOST_CHARACTERS {
            let message = both!(
                "wanted at most {MOST_CHARACTERS} characters in a cell, found {length}",
                "セルは {MOST_CHARACTERS} 文字までですが、{length} 文字あります"
            );
            let advice = (
                "shorten it, or look for a quotation mark that is lacking before it",
                "短くするか、前に足りない引用符がないか確かめてください",
            );
            return wrong(message, advice);
        }
        if FAULTS.iter().any(|fault| text.eq_ignore_ascii_case(fault)) || is_numbered_fault(text) {
            return fault_of(text);
        }
        if text.len() > 2 && text.bytes().all(|byte| byte == b'#') {
            let message = both!(
                "found {text}: the column was too narrow to show the value",
                "{text} です: 列の幅が足りず、値が書き出されていません"
            );
            return wrong(message, ("widen the column and save anew", "列を広げて保存し直してください"));
        }
        // ="0012" keeps its zeros in a spreadsheet, and '=1 is the text =1.
        if let Some(quoted) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
            return Ok(Cell::Text(quoted.replace("\"\"", "\"").trim().to_owned()));
        }
        if let Some(rest) = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])) {
            return Ok(Cell::Text(rest.to_owned()));
        }
        if text.starts_with('=') {
            let formula = shortened(text);
            let message = both!(
                "found a formula, which is not calculated here: {formula:?}",
                "数式はここでは計算しません: {formula:?}"
            );
            let advice = (
                "write its value; a text that begins with = is written with ' before it",
                "値を書いてください。= で始まる文字列には前に ' を付けます",
            );
            return wrong(message, advice);
        }
        Ok(Cell::Text(text.clone()))
    }
}

/// What LibreOffice writes of a formula that failed in a way without a name, such as `Err:510`.
fn is_numbered_fault(text: &str) -> bool {
    let number = text.strip_prefix("Err:");
    number.is_some_and(|number| number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit()))
}

fn fault_of<T>(fault: &str) -> Result<T, Wrong> {
    let message = both!("found {fault}: the formula of the cell failed", "{fault} です: セルの数式が失敗しています");
    wrong(message, ("correct the formula, or write the value", "数式を直すか、値を書いてください"))
}
