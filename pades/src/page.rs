//! The page tree, ISO 32000-1 clause 7.7.3. In: a view. Out: the references of its pages in order; cycles and limits are errors.

use crate::{
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::Reference,
};
use std::collections::HashSet;

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its indirect object.
    pub reference: Reference,
    /// Its dictionary.
    pub dictionary: Dictionary,
}

impl View<'_> {
    /// All pages in reading order.
    ///
    /// # Errors
    /// If the tree is damaged, has a cycle, or has too many nodes.
    pub fn pages(&self) -> Result<Vec<Page>, Error> {
        self.first_pages(usize::MAX)
    }

    /// The first page, without reading the others.
    ///
    /// # Errors
    /// If there is none, or the tree is damaged up to it.
    pub fn first_page(&self) -> Result<Page, Error> {
        let page = self.first_pages(1)?.pop();
        page.ok_or_else(|| Error::damaged_because(self.trailer().token.start, "a page", "an empty page tree"))
    }

    fn first_pages(&self, most: usize) -> Result<Vec<Page>, Error> {
        let (_, catalog) = self.catalog()?;
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut pending: Vec<Object> = catalog.get("Pages").cloned().into_iter().collect();
        while let Some(node) = pending.pop() {
            let wrong = |expected: &str, found: &str| {
                Error::damaged_because(self.offset_of(&node), format!("in the page tree {expected}"), found)
            };
            if node.is_null() {
                continue;
            }
            let reference =
                node.as_reference().ok_or_else(|| wrong("an indirect page or page tree node", node.kind()))?;
            if !seen.insert(reference) {
                let offset = self.offset_of(&node);
                return Err(Error::Cycle { offset, expected: "a page tree", found: format!("{reference} twice") });
            }
            if seen.len() > self.document.limits.tree_nodes {
                let allowed = self.document.limits.tree_nodes;
                return Err(Error::LimitExceeded {
                    limit: "nodes in the page tree",
                    allowed,
                    offset: self.offset_of(&node),
                });
            }
            self.document.count_visited(self.offset_of(&node))?;
            let object = self.resolve(&node)?;
            if object.is_null() {
                continue; // refers to nothing (7.3.10)
            }
            let dictionary = object.as_dictionary().ok_or_else(|| wrong("a page dictionary", object.kind()))?;
            match self.get(dictionary, "Kids")? {
                Object::Array(kids) => pending.extend(kids.into_iter().rev()),
                _ if dictionary.has_name("Type", "Pages") => {}
                _ => {
                    pages.push(Page { reference, dictionary: dictionary.clone() });
                    if pages.len() >= most {
                        break;
                    }
                }
            }
        }
        Ok(pages)
    }
}
