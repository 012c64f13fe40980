//! Rules M2 and M9: the pages of a later revision beside those of the one before. Page dictionaries stay as they are, but that
//! /Annots may gain the widgets of new signature fields, and what a certification permits.

use pades::{Object, Page, Reference};

use super::Step;
use crate::check::CheckId::{M2, M7, M9, X10};
use crate::format_check::compare::{additions, differing};

impl Step<'_, '_> {
    /// M2: looks at pages only if an object changed that no other rule explains, or a widget needs its page.
    pub(super) fn pages(&mut self) {
        let open = self.changed.values().any(|change| change.old.is_some() && !change.explained);
        if !open && self.new_widgets.is_empty() {
            return;
        }
        match self.before.pages() {
            Ok(pages) => {
                if self.annotations_permitted() && self.markup_changed() {
                    pages.iter().for_each(|page| self.changed_annotations(page));
                }
                pages.iter().for_each(|page| self.page(page));
            }
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
        if self.annotations_permitted() {
            return self.list_of_annotations(page, &slot, &old, &new, offset);
        }
        let Some(added) = additions(&old, &new) else {
            let what = "annotations were removed, changed or put into another order";
            return self.fail(M9, offset, format!("{what} on page {page}"));
        };
        for annotation in added {
            match annotation.as_reference().filter(|reference| self.new_widgets.contains(reference)) {
                Some(widget) => self.place_widget(slot.holder, page, widget, offset),
                None => self.fail(M9, offset, format!("an annotation was added to page {page}")),
            }
        }
    }

    /// M7: the widgets of a new field are listed once, all by one page, which is the one that they name.
    pub(super) fn place_widget(&mut self, list: u32, page: u32, widget: Reference, offset: usize) {
        self.paths.allow(list, widget.number);
        let named =
            self.changed.get(&widget.number).and_then(|change| change.new.as_dictionary()?.get("P")?.as_reference());
        if named.is_some_and(|named| named.number != page) {
            self.fail(M7, offset, format!("the widget {} of page {page} names another page", widget.number));
        }
        if !self.placed.insert(widget) || *self.page_of_widgets.get_or_insert(page) != page {
            self.fail(M7, offset, format!("the widget {} is listed twice, or on a second page", widget.number));
        }
    }
}
