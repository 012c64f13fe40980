//! Rules M2 and M9: the pages of a later revision beside those of the one before. Page dictionaries stay as they are, but that
//! /Annots may gain the widgets of new signature fields.

use pades::{Object, Page};

use super::Step;
use super::compare::{additions, differing};
use crate::check::CheckId::{M2, M9, X10};

impl Step<'_, '_> {
    /// M2: looks at pages only if an object changed that no other rule explains, or a widget needs its page.
    pub(super) fn pages(&mut self) {
        let open = self.changed.values().any(|change| change.old.is_some() && !change.explained);
        if !open && self.new_widgets.is_empty() {
            return;
        }
        match self.before.pages() {
            Ok(pages) => pages.iter().for_each(|page| self.page(page)),
            Err(problem) => self.fail(X10, problem.offset().unwrap_or(0), problem.to_string()),
        }
    }

    fn page(&mut self, page: &Page) {
        let number = page.reference.number;
        let Some(change) = self.changed.get_mut(&number) else {
            let list = page.dictionary.get("Annots");
            let changed =
                list.and_then(Object::as_reference).is_some_and(|list| self.changed.contains_key(&list.number));
            if changed {
                self.annotations(number, list, list, page.dictionary.token.start);
            }
            return;
        };
        change.explained = true;
        let offset = change.offset;
        let Some(new) = change.new.as_dictionary().cloned() else {
            return self.fail(M2, offset, format!("page {number} is no dictionary any more"));
        };
        for key in differing(&page.dictionary, &new).iter().filter(|key| *key != "Annots") {
            self.fail(M2, offset, format!("/{key} of page {number} changed"));
        }
        self.annotations(number, page.dictionary.get("Annots"), new.get("Annots"), offset);
    }

    /// M9: the old annotations in the old order, and widgets of new signature fields.
    fn annotations(&mut self, page: u32, old: Option<&Object>, new: Option<&Object>, offset: usize) {
        let slot = self.slot(page, old, new);
        let Some((old, new)) = slot.arrays() else {
            return self.fail(M9, offset, format!("/Annots of page {page} is no array"));
        };
        let Some(added) = additions(&old, &new) else {
            let what = "annotations were removed, changed or put into another order";
            return self.fail(M9, offset, format!("{what} on page {page}"));
        };
        for annotation in added {
            match annotation.as_reference().filter(|reference| self.new_widgets.contains(reference)) {
                Some(widget) => self.paths.allow(slot.holder, widget.number),
                None => self.fail(M9, offset, format!("an annotation was added to page {page}")),
            }
        }
    }
}
